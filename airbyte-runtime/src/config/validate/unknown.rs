//! Settings that the specification does not know, which are mostly spelling mistakes.

use std::mem;

use serde_json::Value;

use super::choice::chosen_option;

/// A warning for each setting of `config` that the specification does not know, with the similar setting if there is one.
///
/// Names that start with `_` belong to the platform and are left out. The values are never shown.
pub(crate) fn unknown_keys(spec: &Value, config: &Value) -> Vec<String> {
    let mut warnings = Vec::new();
    search(spec, config, "", &mut warnings);
    warnings
}

fn search(schema: &Value, value: &Value, path: &str, warnings: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let parts = parts(schema, value);
            let is_open = |part: &&Value| part.get("additionalProperties").is_some_and(Value::is_object);
            let names =
                || parts.iter().filter_map(|part| part.get("properties")?.as_object()).flat_map(|all| all.keys());
            if parts.iter().any(is_open) || names().next().is_none() {
                return;
            }
            let dot = if path.is_empty() { "" } else { "." };
            for (name, member) in members.iter().filter(|(name, _)| !name.starts_with('_')) {
                let known = parts.iter().find_map(|part| part.get("properties")?.get(name));
                if let Some(property) = known {
                    search(property, member, &format!("{path}{dot}{name}"), warnings);
                    continue;
                }
                let unused = names().map(String::as_str).filter(|known| !members.contains_key(*known));
                let hint = closest(name, unused).map(|similar| format!("; did you mean `{path}{dot}{similar}`?"));
                let hint = hint.unwrap_or_default();
                warnings.push(format!("`{path}{dot}{name}` is not a setting of this connector and is ignored{hint}"));
            }
        }
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return };
            for (index, item) in items.iter().enumerate() {
                search(schema, item, &format!("{path}[{index}]"), warnings);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The schemas that apply to a value: the schema and the option that the value means, or all options when none is clear.
fn parts<'s>(schema: &'s Value, value: &Value) -> Vec<&'s Value> {
    let mut all = vec![schema];
    let options =
        ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|keyword| schema.get(keyword)?.as_array()).flatten();
    match chosen_option(schema, value) {
        Some(option) => all.extend(parts(option, value)),
        None => all.extend(options.flat_map(|option| parts(option, value))),
    }
    all
}

/// The candidate that `word` is probably a misspelling of.
pub(crate) fn closest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let word = letters(word);
    let scored = candidates.filter_map(|candidate| {
        let letters = letters(candidate);
        let distance = distance(&word, &letters);
        (distance <= (word.len().max(letters.len()) / 3).max(1) && distance < letters.len())
            .then_some((distance, candidate))
    });
    scored.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// Case and the kind of separator do not count as differences.
fn letters(word: &str) -> Vec<char> {
    let fold = |letter| if matches!(letter, '-' | ' ' | '.') { '_' } else { letter };
    word.chars().map(fold).flat_map(char::to_lowercase).collect()
}

/// How many letters have to be inserted, removed, replaced or swapped with their neighbour.
fn distance(one: &[char], other: &[char]) -> usize {
    let width = other.len() + 1;
    // The rows of the usual table: the one before last, the last, and the one that is being filled.
    let (mut older, mut last, mut row) = (vec![0; width], (0..width).collect::<Vec<_>>(), vec![0; width]);
    let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
    let mut before = None;
    for (i, letter) in one.iter().enumerate() {
        row.clear();
        row.push(i + 1);
        let mut left = None;
        for (j, found) in other.iter().enumerate() {
            let replaced = cell(&last, j) + usize::from(letter != found);
            let mut best = replaced.min(cell(&last, j + 1) + 1).min(cell(&row, j) + 1);
            if before == Some(found) && left == Some(letter) {
                best = best.min(cell(&older, j.saturating_sub(1)) + 1);
            }
            row.push(best);
            left = Some(found);
        }
        before = Some(letter);
        mem::swap(&mut older, &mut last);
        mem::swap(&mut last, &mut row);
    }
    cell(&last, other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings_are_recognised() {
        let names = ["start_date", "api_key", "token", "id"];
        let table = [
            ("start_dat", Some("start_date")),
            ("startDate", Some("start_date")),
            ("start-date", Some("start_date")),
            ("apikey", Some("api_key")),
            ("tokne", Some("token")),
            ("Token", Some("token")),
            ("ix", Some("id")),
            ("region", None),
            ("xy", None),
            ("", None),
        ];
        for (word, expected) in table {
            assert_eq!(closest(word, names.into_iter()), expected, "{word}");
        }
    }

    #[test]
    fn distances_count_edits_and_swaps() {
        let table = [
            ("", "", 0),
            ("abc", "", 3),
            ("", "ab", 2),
            ("abc", "acb", 1),
            ("abcd", "badc", 2),
            ("kitten", "sitting", 3),
        ];
        for (one, other, expected) in table {
            assert_eq!(distance(&letters(one), &letters(other)), expected, "{one} {other}");
        }
    }
}
