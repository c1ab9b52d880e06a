use serde_json::{Value, json};

use super::glob::Glob;
use super::{Dpath, delete_scalars, python_int};
use crate::python::PyValue;

fn path(segments: &Value) -> Dpath {
    Dpath::new(segments.as_array().unwrap().iter().map(|segment| match segment {
        Value::String(text) => PyValue::Str(text.clone()),
        Value::Bool(flag) => PyValue::Bool(*flag),
        Value::Number(number) if number.is_f64() => PyValue::Float(number.as_f64().unwrap()),
        number => PyValue::Int(number.as_i64().unwrap().into()),
    }))
}

fn document() -> Value {
    json!({
        "a": {"b": [{"c": 1}, {"c": 2}], "0": "zero", "x*y": 5},
        "n": null, "e": {}, "l": [], "s": "str",
    })
}

#[test]
fn get_finds_the_only_match() {
    let cases = [
        (json!(["a", "b", 0]), Some(json!({"c": 1}))),
        (json!(["a", "b", "0"]), Some(json!({"c": 1}))),
        (json!(["a", "b", -1, "c"]), Some(json!(2))),
        (json!(["a", "b", "-1", "c"]), Some(json!(2))),
        (json!(["a", "b", " 1 ", "c"]), Some(json!(2))),
        (json!(["a", "b", 1.0, "c"]), Some(json!(2))),
        (json!(["a", "b", true, "c"]), Some(json!(2))),
        (json!(["a", "b", "1.0", "c"]), None),
        (json!(["a", "b", "[0]", "c"]), Some(json!(1))),
        (json!(["a", "[b]", 0, "c"]), Some(json!(1))),
        (json!(["a", "0"]), Some(json!("zero"))),
        (json!(["a", 0]), None),
        (json!(["a", "x[*]y"]), Some(json!(5))),
        (json!(["s", "x"]), None),
        (json!(["missing"]), None),
        (json!(["A"]), None),
        (json!(["n"]), Some(Value::Null)),
        (json!([]), Some(document())),
    ];
    for (segments, expected) in cases {
        assert_eq!(path(&segments).get(&document()).unwrap().cloned(), expected, "{segments}");
        assert_eq!(path(&segments).take(&mut document()).unwrap(), expected, "take {segments}");
    }
    for segments in [json!(["a", "b", "*", "c"]), json!(["a", "*"]), json!(["?"]), json!(["**", "c"])] {
        let error = path(&segments).get(&document()).unwrap_err();
        assert!(error.message().contains("more than one value"), "{error}");
    }
    assert_eq!(path(&json!([0, "a"])).get(&json!([{"a": 1}])).unwrap(), Some(&json!(1)));
    assert_eq!(path(&json!(["a"])).get(&json!([{"a": 1}])).unwrap(), None);
    assert_eq!(path(&json!(["a"])).get(&json!(5)).unwrap(), None);
}

#[test]
fn empty_keys_are_keys() {
    let value = json!({"": {"": 1}, "b": {"": 2}});
    assert_eq!(path(&json!(["", ""])).get(&value).unwrap(), Some(&json!(1)));
    assert_eq!(path(&json!(["*", ""])).values(&value).unwrap(), [&json!(1), &json!(2)]);
    assert_eq!(Dpath::parse_slashed("b/").get(&value).unwrap(), Some(&json!(2)));
}

#[test]
fn only_one_segment_may_span_levels() {
    assert!(path(&json!(["**", "a", "**"])).get(&json!({"a": 1})).is_err());
    assert_eq!(path(&json!(["**", "a", "**"])).get(&json!({})).unwrap(), None);
}

#[test]
fn values_come_level_by_level() {
    let cases = [
        (document(), json!(["a", "b", "*", "c"]), json!([1, 2])),
        (document(), json!(["**", "c"]), json!([1, 2])),
        (document(), json!(["*"]), json!([document()["a"], null, {}, [], "str"])),
        (document(), json!(["nothing", "*"]), json!([])),
        (json!({"a": {"b": {"c": 1}}, "c": 2, "d": {"c": 3}}), json!(["**", "c"]), json!([2, 1, 3])),
        (json!({"a": {"b": 1}, "b": 2}), json!(["**"]), json!([{"b": 1}, 2, 1])),
        (json!({"a": {"b": 1}, "b": 2}), json!(["a", "**"]), json!([{"b": 1}, 1])),
        (json!({"items": {"k1": {"x": 1}, "k2": {}}}), json!(["items", "*", "x"]), json!([1])),
    ];
    for (value, segments, expected) in cases {
        assert_eq!(json!(path(&segments).values(&value).unwrap()), expected, "{segments}");
        assert_eq!(json!(path(&segments).take_values(value).unwrap()), expected, "take {segments}");
    }
}

#[test]
fn create_makes_what_is_missing() {
    let cases = [
        (json!({}), json!(["a", "b"]), json!({"a": {"b": "V"}})),
        (json!({"a": [1]}), json!(["a", 3]), json!({"a": [1, null, null, "V"]})),
        (json!({"a": [1]}), json!(["a", -1]), json!({"a": ["V"]})),
        (json!({}), json!(["a", "0"]), json!({"a": ["V"]})),
        (json!({}), json!(["0"]), json!({"0": "V"})),
        (json!({"a": {}}), json!(["a", "0"]), json!({"a": {"0": "V"}})),
        (json!({}), json!(["a", "0", "b"]), json!({"a": [{"b": "V"}]})),
        (json!({"a": [{"q": 1}]}), json!(["a", "0", "b"]), json!({"a": [{"q": 1, "b": "V"}]})),
        (json!({"a": 1}), json!(["*"]), json!({"a": 1, "*": "V"})),
        (json!({}), json!(["a.b"]), json!({"a.b": "V"})),
    ];
    for (mut value, segments, expected) in cases {
        path(&segments).create(&mut value, json!("V")).unwrap();
        assert_eq!(value, expected, "{segments}");
    }
    let failing = [
        (json!({"a": null}), json!(["a", "b"])),
        (json!({"a": "text"}), json!(["a", "b"])),
        (json!({"a": [1]}), json!(["a", "-1", "x"])),
        (json!({"a": [1]}), json!(["a", -3])),
        (json!({"a": []}), json!(["a", "x"])),
        (json!({}), json!(["a", "999999999999"])),
        (json!({}), json!([])),
    ];
    for (mut value, segments) in failing {
        assert!(path(&segments).create(&mut value, json!("V")).is_err(), "{segments}");
    }
}

#[test]
fn set_changes_only_what_exists() {
    let mut value = json!({"a": {"b": 1}, "c": [1, {"b": {"b": 3}}]});
    assert_eq!(path(&json!(["**", "b"])).set(&mut value, &json!(9)).unwrap(), 2);
    assert_eq!(value, json!({"a": {"b": 9}, "c": [1, {"b": 9}]}));
    assert_eq!(path(&json!(["x"])).set(&mut value, &json!(9)).unwrap(), 0);
}

#[test]
fn delete_keeps_positions() {
    let cases = [
        (json!({"k": ["a", "b", "c"]}), json!(["k", 0]), json!({"k": [null, "b", "c"]}), 1),
        (json!({"k": ["a", "b", "c"]}), json!(["k", 2]), json!({"k": ["a", "b"]}), 1),
        (json!({"k": ["a", "b", "c"]}), json!(["k", -1]), json!({"k": ["a", "b"]}), 1),
        (json!({"k": ["a", "b", "c"]}), json!(["k", "*"]), json!({"k": [null, null]}), 3),
        (json!({"a": {"x": 1, "y": 2}, "z": 1}), json!(["a", "*"]), json!({"a": {}, "z": 1}), 2),
        (
            json!({"z": 1, "a": {"z": 2, "b": [{"z": 3, "q": 4}]}}),
            json!(["**", "z"]),
            json!({"a": {"b": [{"q": 4}]}}),
            3,
        ),
        (json!({"a": {"x": 1}, "b": 2}), json!(["**"]), json!({}), 2),
        (json!({"a": 1}), json!(["b", "c"]), json!({"a": 1}), 0),
    ];
    for (mut value, segments, expected, count) in cases {
        assert_eq!(path(&segments).delete(&mut value).unwrap(), count, "{segments}");
        assert_eq!(value, expected, "{segments}");
    }
}

#[test]
fn deleted_keys_leave_the_others_in_order() {
    let mut value = json!({"a": 1, "b": 2, "c": 3, "d": 4});
    path(&json!(["a"])).delete(&mut value).unwrap();
    assert_eq!(value.to_string(), r#"{"b":2,"c":3,"d":4}"#);
}

#[test]
fn scalars_are_deleted_wherever_they_are() {
    let mut value = json!({"a": 5, "b": {"c": 5, "d": 6}, "l": [5, 5, 7], "m": [7, 5], "k": {}});
    let deleted = delete_scalars(&mut value, &mut |scalar| Ok(*scalar == json!(5))).unwrap();
    assert_eq!(deleted, 5);
    assert_eq!(value, json!({"b": {"d": 6}, "l": [null, null, 7], "m": [7], "k": {}}));
}

#[test]
fn slashed_paths_split() {
    for (text, expected) in [("a/b/0/c", Some(json!(1))), ("//a/0", Some(json!("zero"))), ("a/b/", None)] {
        assert_eq!(Dpath::parse_slashed(text).get(&document()).unwrap().cloned(), expected, "{text}");
    }
    assert!(Dpath::parse_slashed("/").is_empty());
    assert!(Dpath::parse_slashed("").is_empty());
    assert_eq!(Dpath::parse_slashed("a/b").get(&json!({"a/b": 1})).unwrap(), None);
}

#[test]
fn plain_paths_are_object_keys_only() {
    let plain = |segments| path(&segments).as_plain_path();
    assert_eq!(plain(json!(["data", "items"])), Some(vec!["data".to_owned(), "items".to_owned()]));
    assert_eq!(plain(json!([])), Some(vec![]));
    for segments in [json!(["a", "*"]), json!(["a", "0"]), json!([0]), json!(["x[1]"])] {
        assert_eq!(plain(segments.clone()), None, "{segments}");
    }
}

#[test]
fn globs_match_like_fnmatch() {
    let cases = [
        ("*", "", true),
        ("*", "a\nb", true),
        ("?", "é", true),
        ("?", "", false),
        ("a*b*c", "a1b2c", true),
        ("a*b*c", "a1b2", false),
        ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ("[a-c]x", "bx", true),
        ("[!a-c]x", "bx", false),
        ("[!a-c]x", "dx", true),
        ("[]]", "]", true),
        ("[!]]", "]", false),
        ("[a", "[a", true),
        ("[]", "[]", true),
        ("[^a]", "^", true),
        ("[^a]", "b", false),
        ("[c-a]", "b", false),
        ("[!c-a]", "b", true),
        ("[a-]", "-", true),
        ("[a-c-e]", "d", false),
        ("[a-c-e]", "-", true),
        ("[--a]", "A", true),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} {text}");
    }
}

#[test]
fn numbers_are_read_like_python() {
    let cases = [("12", Some(12)), (" -1_0\n", Some(-10)), ("+5", Some(5)), ("1__0", None), ("_1", None), ("", None)];
    for (text, expected) in cases {
        assert_eq!(python_int(text), expected, "{text:?}");
    }
    assert_eq!(python_int("-"), None);
    assert_eq!(python_int("+-1"), None);
}
