use serde_json::{Value, json};

use super::Normalizer;

fn properties(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn normalized(schema: &Value, mut record: Value) -> (Value, Vec<String>) {
    let warnings = Normalizer::new(schema).normalize(&mut record);
    (record, warnings.into_iter().map(|warning| warning.message).collect())
}

#[test]
fn values_take_the_type_of_the_schema() {
    let cases = [
        (json!({"type": "string"}), json!(1), json!("1")),
        (json!({"type": "string"}), json!(1.0), json!("1.0")),
        (json!({"type": "string"}), json!(true), json!("True")),
        (json!({"type": "string"}), json!(null), json!("None")),
        (json!({"type": "string"}), json!({"a": 1}), json!("{'a': 1}")),
        (json!({"type": ["null", "string"]}), json!(null), json!(null)),
        (json!({"type": ["null", "string"]}), json!(5), json!("5")),
        (json!({"type": ["string", "integer"]}), json!(5), json!(5)),
        (json!({"type": "number"}), json!("1.5"), json!(1.5)),
        (json!({"type": "number"}), json!(true), json!(1.0)),
        (json!({"type": "number"}), json!(7), json!(7.0)),
        (json!({"type": "number"}), json!(" 1_2e1 "), json!(120.0)),
        (json!({"type": ["null", "number"]}), json!("nan"), json!(null)),
        (json!({"type": "integer"}), json!("7"), json!(7)),
        (json!({"type": "integer"}), json!(1.9), json!(1)),
        (json!({"type": "integer"}), json!(-1.9), json!(-1)),
        (json!({"type": "integer"}), json!("1_0"), json!(10)),
        (json!({"type": "boolean"}), json!("Yes "), json!(true)),
        (json!({"type": "boolean"}), json!("off"), json!(false)),
        (json!({"type": "boolean"}), json!(2), json!(true)),
        (json!({"type": "boolean"}), json!(null), json!(false)),
        (json!({"type": "array"}), json!("x"), json!(["x"])),
        (json!({"type": "array", "items": {"type": ["string"]}}), json!("x"), json!(["x"])),
        (json!({"type": "array"}), json!(null), json!([null])),
        (json!({"type": "array", "items": {"type": "string"}}), json!([1, 2]), json!(["1", "2"])),
        (json!({"anyOf": [{"type": "integer"}]}), json!("5"), json!("5")),
    ];
    for (schema, value, expected) in cases {
        let (record, warnings) = normalized(&properties(json!({"v": schema})), json!({"v": value}));
        assert_eq!(record.to_string(), json!({"v": expected}).to_string(), "{schema} {value}");
        assert!(warnings.is_empty(), "{schema} {value}: {warnings:?}");
    }
}

#[test]
fn what_cannot_be_converted_stays_with_a_warning() {
    let cases = [
        (json!({"type": ["null", "boolean"]}), json!(""), "'string' to type '['null', 'boolean']' at path: 'v'"),
        (json!({"type": "integer"}), json!("1.5"), "'string' to type 'integer' at path: 'v'"),
        (json!({"type": "array", "items": {"type": "string"}}), json!("x"), "'string' to type 'array' at path: 'v'"),
        (
            json!({"type": "integer"}),
            json!({"a": {"c": {"d": {"e": 1}}}, "l": [1]}),
            "'{'a': {'c': {'d': 'object'}}, 'l': 'array'}' to type 'integer' at path: 'v'",
        ),
    ];
    for (schema, value, expected) in cases {
        let (record, warnings) = normalized(&properties(json!({"v": schema})), json!({"v": value}));
        assert_eq!(record, json!({"v": value}));
        assert_eq!(warnings, [format!("Failed to transform value from type {expected}")]);
    }
}

#[test]
fn nested_values_are_found() {
    let item = properties(json!({"x": {"type": "integer"}}));
    let schema = properties(json!({"a": properties(json!({"b": {"type": "array", "items": item}}))}));
    let (record, warnings) = normalized(&schema, json!({"a": {"b": [{"x": "1"}, {"x": "q"}]}}));
    assert_eq!(record, json!({"a": {"b": [{"x": 1}, {"x": "q"}]}}));
    assert_eq!(warnings, ["Failed to transform value from type 'string' to type 'integer' at path: 'a.b.1.x'"]);
}

#[test]
fn only_what_is_below_a_reference_is_converted() {
    let schema = json!({
        "definitions": {"i": {"type": "integer"}, "o": properties(json!({"x": {"type": "integer"}, "self": {"$ref": "#/definitions/o"}}))},
        "properties": {"i": {"$ref": "#/definitions/i"}, "o": {"$ref": "#/definitions/o"}},
    });
    let (record, warnings) = normalized(&schema, json!({"i": "5", "o": {"x": "5", "self": {"x": "6"}}}));
    assert_eq!(record, json!({"i": "5", "o": {"x": 5, "self": {"x": 6}}}));
    assert_eq!(warnings, ["Failed to transform value from type 'string' to type 'integer' at path: 'i'"]);
}

#[test]
fn odd_schemas_do_no_harm() {
    for schema in [json!({"$ref": "#"}), json!(true), json!({"items": [true]}), properties(json!({"a": true, "b": 5}))]
    {
        let record = json!({"a": [1], "b": 2});
        assert_eq!(normalized(&schema, record.clone()), (record, vec![]), "{schema}");
    }
    let (_, warnings) = normalized(&json!(false), json!({"a": 1}));
    assert_eq!(warnings, ["Failed to transform value from type '{'a': 'integer'}' to type 'None' at path: ''"]);
}

#[test]
fn references_that_double_the_work_at_every_level_end() {
    let both = json!({"$ref": "#/definitions/a", "properties": {"a": {"$ref": "#/definitions/a"}}});
    let schema = json!({"$ref": "#/definitions/a", "definitions": {"a": both}});
    let record = (0..40).fold(json!("5"), |inner, _| json!({"a": inner}));
    let (_, warnings) = normalized(&schema, record);
    let expected = "The references of the schema are too complicated for this record; not all of it is converted";
    assert_eq!(warnings.last().map(String::as_str), Some(expected));
}

#[test]
fn a_large_record_is_converted_whole() {
    let schema = json!({"properties": {"a": {"items": {"items": {"type": "integer"}}}}});
    let rows = |number: fn(u32) -> Value| -> Vec<Value> { (0..200_000).map(|n| json!([number(n)])).collect() };
    let (record, warnings) = normalized(&schema, json!({"a": rows(|n| json!(n.to_string()))}));
    assert!(warnings.is_empty(), "{:?}", warnings.first());
    assert!(record == json!({"a": rows(|n| json!(n))}));
    let (_, warnings) = normalized(&schema, json!({"a": rows(|_| json!("x"))}));
    assert_eq!(warnings.len(), 1000);
}
