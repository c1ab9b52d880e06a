use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Environment, Parameters, PyType, Scope, Template, record, stream_slice};
use crate::error::ErrorKind;
use crate::python::PyValue;

fn environment() -> Arc<Environment> {
    Environment::new(&json!({
        "i": 7, "f": 1.5, "b": true, "n": null, "s": "text", "l": [1, "two", 3.0, null],
        "d": {"x": {"y": 1}, "items": 5, "é": "ü"}, "lit": "1e5", "date": "2024-01-31", "e": [],
        "words": ["b", "A", "c"],
        "objs": [{"k": 2, "t": "x"}, {"k": 1, "t": "y"}, {"k": 2, "t": "X"}],
    }))
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn parameters() -> Parameters {
    Arc::new(object(json!({"pp": "v"})))
}

fn scope() -> Scope {
    let slice = stream_slice(
        &object(json!({"p": "x"})),
        &object(json!({"start_time": "2024-01-01"})),
        &object(json!({"q": [1]})),
    );
    let record = record(&json!({"id": 1, "z": "12", "data": "own", "nested": {"a": [1, 2]}}));
    Scope::new().with("record", record).with("stream_slice", slice)
}

fn template(text: &str) -> Template {
    Template::new(&environment(), text, &parameters()).unwrap()
}

/// What airbyte-cdk 7.39.1 yields: `=` and the `repr`, or `!` and whether something was undefined.
const VECTORS: &str = include_str!("tests/vectors.jsonl");

#[test]
fn evaluates_as_the_python_cdk() {
    let (environment, parameters, scope) = (environment(), parameters(), scope());
    let mut differences = Vec::new();
    for line in VECTORS.lines() {
        let (text, expected): (String, String) = serde_json::from_str(line).unwrap();
        let value = Template::new(&environment, &text, &parameters).and_then(|template| template.eval(&scope));
        let actual = match value {
            Ok(value) => format!("={}", value.repr()),
            Err(error) if error.message().ends_with("is undefined") => "!undefined".to_owned(),
            Err(_) => "!error".to_owned(),
        };
        if actual != expected {
            differences.push(format!("{text}\n  expected {expected}\n  actual   {actual}"));
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
