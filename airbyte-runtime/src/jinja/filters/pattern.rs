//! Filters with regular expressions.

use minijinja::Value;
use regex_lite::{Captures, Regex, RegexBuilder};

use super::string;
use crate::jinja::arguments::Arguments;
use crate::jinja::limits::{self, MAX_TEXT};
use crate::jinja::raise::{Raise, Step};

/// The pattern's first group where it matches first, or nothing.
pub(super) fn regex_search(arguments: Arguments) -> Step<Value> {
    let [value, regex] = arguments.bind("regex_search", ["value", "regex"], 2)?.map(Option::unwrap_or_default);
    let text = string(&value, "regex_search")?;
    let regex = compile(string(&regex, "regex_search")?, text)?;
    let groups = regex.captures(text);
    Ok(match groups {
        Some(groups) if regex.captures_len() > 1 => {
            groups.get(1).map_or(Value::from(()), |group| Value::from(group.as_str()))
        }
        _ => Value::from(""),
    })
}

pub(super) fn regex_replace(arguments: Arguments) -> Step<Value> {
    let parameters = ["value", "regex", "replacement"];
    let [value, regex, replacement] = arguments.bind("regex_replace", parameters, 3)?.map(Option::unwrap_or_default);
    let text = string(&value, "regex_replace")?;
    let regex = compile(string(&regex, "regex_replace")?, text)?;
    if replacement.is_undefined() {
        // Python takes it for a function, and calls that for a match only.
        return match regex.is_match(text) {
            true => Err(Raise::undefined("the replacement of regex_replace")),
            false => Ok(value),
        };
    }
    let parts = replacement_parts(string(&replacement, "regex_replace")?, &regex)?;
    let mut length = text.len();
    let replaced = regex.replace_all(text, |groups: &Captures<'_>| {
        let mut out = String::new();
        // The result is too long already: what is missing from it does not matter.
        if length > MAX_TEXT {
            return out;
        }
        for part in &parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Group(group) => out.push_str(groups.get(*group).map_or("", |group| group.as_str())),
            }
        }
        length = length.saturating_add(out.len());
        out
    });
    limits::fits(length)?;
    Ok(Value::from(replaced.into_owned()))
}

enum Part {
    Text(String),
    Group(usize),
}

/// Reads `\1`, `\g<1>` and `\g<name>`.
fn replacement_parts(replacement: &str, regex: &Regex) -> Step<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('\\') {
        parts.push(Part::Text(before.to_owned()));
        let letter = after.chars().next().ok_or_else(|| bad_replacement("a backslash at the end"))?;
        rest = after.get(letter.len_utf8()..).unwrap_or_default();
        let group = match letter {
            '1'..='9' => {
                let digits = after.bytes().take(2).take_while(u8::is_ascii_digit).count();
                let (number, after) = after.split_at(digits);
                rest = after;
                number.parse().ok()
            }
            'g' => {
                let inner = rest.strip_prefix('<').and_then(|inner| inner.split_once('>'));
                let (name, after) = inner.ok_or_else(|| bad_replacement("a missing group name"))?;
                rest = after;
                name.parse().ok().or_else(|| regex.capture_names().position(|known| known == Some(name)))
            }
            other => {
                parts.push(Part::Text(match other {
                    'n' => "\n".to_owned(),
                    't' => "\t".to_owned(),
                    'r' => "\r".to_owned(),
                    '0' => "\0".to_owned(),
                    '\\' => "\\".to_owned(),
                    other if other.is_ascii_alphabetic() => return Err(bad_replacement("an unknown escape")),
                    other => format!("\\{other}"),
                }));
                continue;
            }
        };
        let group = group.filter(|group| *group < regex.captures_len());
        parts.push(Part::Group(group.ok_or_else(|| bad_replacement("an unknown group"))?));
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

fn bad_replacement(what: &str) -> Raise {
    Raise::other(format!("the replacement of regex_replace has {what}"))
}

/// How large compiled expressions may be, in bytes: a larger one takes more time for each byte of the text.
const SIZES: [usize; 3] = [8 * 1024, 64 * 1024, 512 * 1024];
/// About so many bytes of a compiled expression are worth a step for each byte of the text, at worst.
const SIZE_PER_STEP: usize = 8 * 1024;

/// Compiles an expression for a text, and pays for what searching it takes at worst.
fn compile(pattern: &str, text: &str) -> Step<Regex> {
    // Python spells the end of the text differently.
    let pattern = pattern.replace("\\Z", "\\z");
    let mut compiled = Err("it has no size".to_owned());
    for size in SIZES {
        limits::take(size / 512)?;
        compiled = RegexBuilder::new(&pattern).size_limit(size).build().map_err(|error| error.to_string());
        if compiled.is_ok() {
            limits::take((size / SIZE_PER_STEP).saturating_mul(text.len()))?;
            break;
        }
    }
    compiled.map_err(|error| {
        Raise::other(format!(
            "the regular expression '{pattern}' is not supported: {error}; look-around and back references are not"
        ))
    })
}
