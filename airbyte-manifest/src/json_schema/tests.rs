use serde_json::{Value, json};

use super::Schema;

fn violations(schema: Value, instance: Value) -> Vec<String> {
    let schema = Schema::compile(&schema).unwrap_or_else(|error| panic!("{error}"));
    let line = |violation: super::Violation| format!("{}: {}", violation.instance_path, violation.message);
    schema.validate(&instance).into_iter().map(line).collect()
}

#[test]
fn keywords_hold() {
    for (schema, valid, invalid) in [
        (json!({"type": "integer"}), vec![json!(1), json!(1.0)], vec![json!(true), json!(1.5), json!("1")]),
        (json!({"type": ["null", "string"]}), vec![json!(null), json!("")], vec![json!(0), json!([])]),
        (json!({"enum": [1, "a", null]}), vec![json!(1.0), json!("a"), json!(null)], vec![json!(true), json!("b")]),
        (json!({"const": {"a": 1}}), vec![json!({"a": 1.0})], vec![json!({"a": true}), json!({})]),
        (json!({"required": ["a"]}), vec![json!({"a": null}), json!(1)], vec![json!({})]),
        (json!({"properties": {"a": {"type": "null"}}}), vec![json!({"a": null, "b": 1})], vec![json!({"a": 1})]),
        (
            json!({"properties": {"a": {}}, "patternProperties": {"^x": {"type": "null"}}, "additionalProperties": false}),
            vec![json!({"a": 1, "x1": null})],
            vec![json!({"b": 1}), json!({"x": 1})],
        ),
        (json!({"propertyNames": {"maxLength": 1}}), vec![json!({"a": 1})], vec![json!({"ab": 1})]),
        (json!({"items": {"type": "null"}}), vec![json!([null]), json!({})], vec![json!([1])]),
        (
            json!({"items": [{"type": "null"}], "additionalItems": false}),
            vec![json!([]), json!([null])],
            vec![json!([null, 1])],
        ),
        (json!({"contains": {"const": 1}}), vec![json!([0, 1])], vec![json!([]), json!([0])]),
        (json!({"minimum": 1, "exclusiveMaximum": 3}), vec![json!(1), json!("x")], vec![json!(0.5), json!(3)]),
        (json!({"multipleOf": 0.5}), vec![json!(1.5), json!(2)], vec![json!(1.2)]),
        (json!({"minLength": 2, "maxLength": 2}), vec![json!("éé")], vec![json!("é"), json!("abc")]),
        (json!({"pattern": "\\d"}), vec![json!("a1b")], vec![json!("ab")]),
        (json!({"pattern": "(?!a)b"}), vec![json!("a")], vec![]),
        (json!({"uniqueItems": true}), vec![json!([1, true, "1"])], vec![json!([1, 1.0]), json!([{"a": 1}, {"a": 1}])]),
        (json!({"oneOf": [{"minimum": 2}, {"maximum": 3}]}), vec![json!(1), json!(4)], vec![json!(2.5)]),
        (json!({"anyOf": [{"type": "null"}, {"const": 1}]}), vec![json!(null), json!(1)], vec![json!(2)]),
        (json!({"allOf": [{"minimum": 2}, {"maximum": 3}]}), vec![json!(2)], vec![json!(4)]),
        (json!({"not": {"type": "null"}}), vec![json!(1)], vec![json!(null)]),
        (
            json!({"if": {"const": 1}, "then": false, "else": {"type": "string"}}),
            vec![json!("x")],
            vec![json!(1), json!(2)],
        ),
        (
            json!({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}),
            vec![json!({}), json!({"a": 1, "b": 1})],
            vec![json!({"a": 1}), json!({"c": 1})],
        ),
        (
            json!({"properties": {"n": {"$ref": "#"}}, "required": ["v"]}),
            vec![json!({"v": 1, "n": {"v": 2}})],
            vec![json!({"v": 1, "n": {}})],
        ),
        (
            json!({"$ref": "#/definitions/a~1b%25", "minimum": 9, "definitions": {"a/b%": {"maximum": 1}}}),
            vec![json!(0)],
            vec![json!(2)],
        ),
        (json!({"format": "date"}), vec![json!("x")], vec![]),
        (json!(false), vec![], vec![json!(1)]),
    ] {
        for instance in valid {
            assert_eq!(violations(schema.clone(), instance.clone()), Vec::<String>::new(), "{schema} {instance}");
        }
        for instance in invalid {
            assert_ne!(violations(schema.clone(), instance.clone()), Vec::<String>::new(), "{schema} {instance}");
        }
    }
}

#[test]
fn messages_name_places_and_no_values() {
    let schema = json!({
        "type": "object",
        "required": ["name"],
        "additionalProperties": false,
        "properties": {
            "api/key": {"type": "string", "pattern": "^k", "minLength": 20},
            "kind": {"enum": ["a", "b"]},
            "list": {"items": {"anyOf": [
                {"properties": {"type": {"const": "A"}, "n": {"type": "integer"}}},
                {"properties": {"type": {"const": "B"}}},
            ]}},
        },
    });
    let instance = json!({"api/key": "secret", "kind": "secret", "list": [{"type": "A", "n": "secret"}, {"type": "secret"}], "knd": 1});
    let found = violations(schema, instance);
    assert_eq!(
        found,
        [
            ": `name` is required",
            "/api~1key: must have at least 20 characters, and has 6",
            "/api~1key: must match the pattern `^k`",
            "/kind: must be one of \"a\", \"b\"",
            "/list/0/n: is a string, and must be an integer",
            "/list/1: is an object, and fits none of the 2 forms that are allowed",
            ": `knd` is not allowed here; did you mean `kind`?",
        ]
    );
    assert!(found.iter().all(|line| !line.contains("secret")));
}

#[test]
fn broken_schemas_are_refused() {
    for (schema, expected) in [
        (json!(1), "a schema is a mapping"),
        (json!({"type": "strin"}), "`type` is one of"),
        (json!({"properties": {"a": {"required": true}}}), "at `/properties/a`: `required` is a list"),
        (json!({"anyOf": []}), "`anyOf` is a list with at least one"),
        (json!({"minLength": -1}), "`minLength` is a whole number"),
        (json!({"multipleOf": 0}), "`multipleOf`"),
    ] {
        let error = Schema::compile(&schema).expect_err("broken");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn hostile_schemas_end() {
    for (schema, expected) in [
        (json!({"$ref": "#"}), "without an end"),
        (json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}), "without an end"),
        (json!({"$ref": "#/nowhere"}), "points to nothing"),
        (json!({"$ref": "http://example.com/x"}), "points to nothing"),
    ] {
        assert!(violations(schema, json!(1)).iter().any(|line| line.contains(expected)), "{expected}");
    }
}

#[test]
fn what_is_found_again_and_again_is_not_told_without_end() {
    let forms =
        |at: usize| json!({"allOf": [{"$ref": format!("#/d/{}", at + 1)}, {"$ref": format!("#/d/{}", at + 1)}]});
    let definitions: serde_json::Map<_, _> = (0..40).map(|at| (at.to_string(), forms(at))).collect();
    let schema = json!({"$ref": "#/d/0", "d": definitions});
    let found = Schema::compile(&schema).unwrap().validate(&json!(5));
    assert_eq!(found.len(), 1_001);
    assert_eq!(found.last().map(|violation| violation.message.as_str()), Some("has more mistakes than these"));
}
