use serde_json::json;

use super::{PyValue, parse_literal};

/// What Python's `ast.literal_eval` yields: `=` and the `repr`, or `!` for no literal.
const LITERALS: &str = include_str!("tests/literals.jsonl");

#[test]
fn reads_literals_as_python() {
    let mut differences = Vec::new();
    for line in LITERALS.lines() {
        let (text, expected): (String, String) = serde_json::from_str(line).unwrap();
        let actual = parse_literal(&text).map_or_else(|| "!".to_owned(), |value| format!("={}", value.repr()));
        if actual != expected {
            differences.push(format!("{text:?}\n  expected {expected}\n  actual   {actual}"));
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn bounds_what_is_hostile() {
    assert_eq!(parse_literal(&"[".repeat(1_000_000)), None);
    assert_eq!(parse_literal(&"-".repeat(1_000_000)), None);
    assert_eq!(parse_literal(&"9".repeat(10_000)), None);
    let nested = "[".repeat(200) + &"]".repeat(200);
    assert!(parse_literal(&nested).is_some());
    assert_eq!(parse_literal(&format!("[{nested}]")), None);
    let keys: Vec<String> = (0..50_000).map(|key| format!("{key}:0")).collect();
    assert!(
        matches!(parse_literal(&format!("{{{}}}", keys.join(","))), Some(PyValue::Dict(members)) if members.len() == 50_000)
    );
}

#[test]
fn converts_json_both_ways() {
    let value = json!({"b": 1, "a": [null, true, 1.5, "x", {"k": -1}], "big": u64::MAX});
    assert_eq!(PyValue::from_json(&value).to_json(), Some(value));
    let keys = PyValue::Dict(vec![
        (PyValue::Int(1), PyValue::None),
        (PyValue::Bool(true), PyValue::Tuple(vec![PyValue::Int(2)])),
        (PyValue::None, PyValue::Float(1.0)),
    ]);
    assert_eq!(keys.to_json(), Some(json!({"1": null, "true": [2], "null": 1.0})));
    for unfit in [
        PyValue::Bytes(vec![1]),
        PyValue::Set(Vec::new()),
        PyValue::Ellipsis,
        PyValue::Float(f64::INFINITY),
        PyValue::Int(i128::MAX),
    ] {
        assert_eq!(unfit.to_json(), None, "{unfit:?}");
    }
}

#[test]
fn knows_text_and_truth() {
    assert_eq!(PyValue::Str("it's".to_owned()).to_text(), "it's");
    assert_eq!(PyValue::Str("it's".to_owned()).repr(), "\"it's\"");
    assert_eq!(PyValue::Float(100_000.0).to_text(), "100000.0");
    assert_eq!(PyValue::Set(Vec::new()).to_text(), "set()");
    for (value, truth) in [
        (PyValue::None, false),
        (PyValue::Float(-0.0), false),
        (PyValue::Str(" ".to_owned()), true),
        (PyValue::Tuple(Vec::new()), false),
        (PyValue::Ellipsis, true),
    ] {
        assert_eq!(value.is_truthy(), truth, "{value:?}");
    }
}
