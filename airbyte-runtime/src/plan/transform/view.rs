//! As much of a record as a template reads, so that large records need not be handed over whole.

use serde_json::{Map, Value};

use crate::jinja::{self, Template};

/// What templates read of the record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum View {
    Nothing,
    Whole,
    Paths(Vec<Vec<String>>),
}

impl View {
    /// What these templates read of `record`.
    pub(super) fn of<'t>(templates: impl IntoIterator<Item = &'t Template>) -> Self {
        let mut all = Vec::new();
        for template in templates.into_iter().filter(|template| template.mentions("record")) {
            match template.paths_of("record") {
                Some(paths) if !paths.iter().any(Vec::is_empty) => all.extend(paths),
                _ => return Self::Whole,
            }
        }
        if all.is_empty() { Self::Nothing } else { Self::Paths(all) }
    }

    /// The record as the templates may see it; `None` if they do not read it.
    pub(super) fn take(&self, record: &Value) -> Option<minijinja::Value> {
        match (self, record) {
            (Self::Nothing, _) => None,
            (Self::Paths(paths), Value::Object(record)) => {
                let mut seen = Map::new();
                for path in paths {
                    copy(record, path, &mut seen);
                }
                Some(jinja::json(&Value::Object(seen)))
            }
            _ => Some(jinja::json(record)),
        }
    }
}

/// Copies what the path leads to; where it leads through something that is not an object, all of that.
fn copy(from: &Map<String, Value>, path: &[String], to: &mut Map<String, Value>) {
    let Some((key, rest)) = path.split_first() else { return };
    let Some(value) = from.get(key) else { return };
    match value {
        Value::Object(inner) if !rest.is_empty() => {
            let entry = to.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(seen) = entry {
                copy(inner, rest, seen);
            }
        }
        whole => {
            to.insert(key.clone(), whole.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_paths_are_copied() {
        let record = json!({"a": {"b": {"c": 1, "d": 2}, "e": 3}, "l": [{"x": 1}], "n": null, "big": "…"});
        let cases = [
            (json!([["a", "b", "c"]]), json!({"a": {"b": {"c": 1}}})),
            (json!([["a", "b", "c"], ["a", "e"]]), json!({"a": {"b": {"c": 1}, "e": 3}})),
            (json!([["a", "b", "c"], ["a"]]), json!({"a": {"b": {"c": 1, "d": 2}, "e": 3}})),
            (json!([["a"], ["a", "b", "c"]]), json!({"a": {"b": {"c": 1, "d": 2}, "e": 3}})),
            (json!([["l", "x"], ["n", "y"]]), json!({"l": [{"x": 1}], "n": null})),
            (json!([["a", "missing"]]), json!({"a": {}})),
        ];
        for (paths, expected) in cases {
            let paths: Vec<Vec<String>> = serde_json::from_value(paths).unwrap();
            let mut seen = Map::new();
            for path in &paths {
                copy(record.as_object().unwrap(), path, &mut seen);
            }
            assert_eq!(Value::Object(seen), expected, "{paths:?}");
        }
    }
}
