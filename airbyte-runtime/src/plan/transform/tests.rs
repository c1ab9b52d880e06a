use serde_json::{Value, json};

use super::{
    AddFields, AddedField, ConfigRemapField, ConfigRemoveFields, DpathFlattenFields, FlattenFields, KeyTransformation,
    KeysReplace, KeysToLower, KeysToSnakeCase, MappedValue, RecordFilter, RemoveFields, TransformScope, Transformation,
};
use crate::error::Result;
use crate::jinja::{self, Environment, PyType, Template};
use crate::plan::dpath::Dpath;

fn template(text: &str) -> Template {
    Template::new(&Environment::new(&json!({"shop": "s1"})), text, &std::sync::Arc::default()).unwrap()
}

fn scope() -> TransformScope {
    let partition = json!({"id": 4}).as_object().unwrap().clone();
    TransformScope::of_slice(jinja::stream_slice(&partition, &Default::default(), &Default::default()))
}

fn transformed(transformation: &dyn Transformation, mut record: Value) -> Result<Value> {
    transformation.transform(&mut record, &scope())?;
    Ok(record)
}

fn configured(transformation: &dyn Transformation, mut config: Value) -> Result<Value> {
    transformation.transform(&mut config, &TransformScope::of_config())?;
    Ok(config)
}

fn paths(pointers: &[&[&str]]) -> Vec<Dpath> {
    pointers.iter().map(|pointer| Dpath::of_texts(pointer.iter().copied())).collect()
}

fn field(path: &[&str], value: &str, value_type: Option<PyType>) -> AddedField {
    AddedField::new(path.iter().map(|key| key.to_string()).collect(), template(value), value_type).unwrap()
}

#[test]
fn added_values_have_the_type_of_the_template() {
    let cases = [
        ("{{ record.missing }}", None, json!("")),
        ("{{ 5.0 }}", Some(PyType::Int), json!("5.0")),
        ("{{ 5 }}", Some(PyType::Float), json!("5")),
        ("true", Some(PyType::Bool), json!("true")),
        ("True", Some(PyType::Bool), json!(true)),
        ("{{ record.z }}", Some(PyType::Int), json!(12)),
        ("{{ record.z }}", None, json!(12)),
        ("{{ record['z'] }}", Some(PyType::Str), json!("12")),
        ("{{ record.z + 1 }}", None, json!("{{ record.z + 1 }}")),
        ("{{ record.get('n', {}).get('m') }}", None, json!(7)),
        ("{{ record }}", None, json!({"z": "12", "n": {"m": 7}})),
        ("{{ stream_slice.id }}-{{ stream_partition['id'] }}", None, json!("4-4")),
        ("{{ config.shop }}", None, json!("s1")),
        ("plain", None, json!("plain")),
        ("[1, 'a']", None, json!([1, "a"])),
    ];
    for (value, value_type, expected) in cases {
        let record = json!({"z": "12", "n": {"m": 7}});
        let added = transformed(&AddFields::new(vec![field(&["new"], value, value_type)], None), record).unwrap();
        assert_eq!(added["new"], expected, "{value}");
    }
}

#[test]
fn added_fields_see_earlier_ones_and_conditions() {
    let fields = || vec![field(&["x"], "1", None), field(&["y"], "{{ record.x + 1 }}", None)];
    let plain = AddFields::new(fields(), None);
    assert_eq!(transformed(&plain, json!({"id": 1})).unwrap(), json!({"id": 1, "x": 1, "y": 2}));
    let some = AddFields::new(fields(), Some(template("{{ value > 3 or path == ['x'] }}")));
    assert_eq!(transformed(&some, json!({})).unwrap(), json!({"x": 1}));
    let nested = AddFields::new(vec![field(&["a", "b"], "1", None)], None);
    assert!(transformed(&nested, json!({"a": null})).is_err());
    assert!(AddedField::new(vec![], template("1"), None).is_err());
    let undefined = AddFields::new(vec![field(&["a"], "{{ record.a.b.c }}", None)], None);
    assert!(transformed(&undefined, json!({})).is_err());
}

#[test]
fn removed_fields() {
    let remove = RemoveFields::new(paths(&[&["a", "b"], &["l", "0"], &["**", "z"], &["missing", "x"]]), None);
    let record = json!({"a": {"b": 1, "z": 2}, "l": [1, 2], "z": 1});
    assert_eq!(transformed(&remove, record).unwrap(), json!({"a": {}, "l": [null, 2]}));
    let conditional = RemoveFields::new(paths(&[&["*"]]), Some(template("{{ property == 5 }}")));
    let record = json!({"id": 1, "a": 5, "b": 6, "c": null, "d": {"e": 5}});
    assert_eq!(transformed(&conditional, record).unwrap(), json!({"id": 1, "b": 6, "c": null, "d": {}}));
}

#[test]
fn renamed_keys() {
    let record = json!({"Id": 1, "id": 2, "In Ner": {"Some Key": [{"Not Me": 1}]}});
    let lower = transformed(&KeysToLower, record.clone()).unwrap();
    assert_eq!(lower, json!({"id": 1, "in ner": {"Some Key": [{"Not Me": 1}]}}));
    let snake = transformed(&KeysToSnakeCase, record.clone()).unwrap();
    assert_eq!(snake, json!({"id": 2, "in_ner": {"some_key": [{"Not Me": 1}]}}));
    let replaced = transformed(&KeysReplace::new(template(" "), template("{{ record.Id }}")), record).unwrap();
    assert_eq!(replaced, json!({"Id": 1, "id": 2, "In1Ner": {"Some1Key": [{"Not Me": 1}]}}));
    assert!(transformed(&KeysToLower, json!(5)).is_err());
}

#[test]
fn flattened_records() {
    let cases = [
        (true, json!({"a": 1, "b": {"c": 2, "a": 3}}), r#"{"a":1,"c":2}"#),
        (true, json!({"a": {"x": 1}, "b": {"x": 2}}), r#"{"x":2,"a.x":1}"#),
        (true, json!({"l": [1, {"q": 2}], "z": {"q": 5}}), r#"{"q":5,"l.1.q":2,"l.0":1}"#),
        (true, json!({"e": {}, "f": []}), "{}"),
        (false, json!({"l": [1, {"q": 2}], "o": {"m": []}}), r#"{"m":[],"l":[1,{"q":2}]}"#),
    ];
    for (flatten_lists, record, expected) in cases {
        let flat = transformed(&FlattenFields::new(flatten_lists), record.clone()).unwrap();
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(flat, expected, "{record}");
    }
}

#[test]
fn one_object_is_lifted() {
    let around = || KeyTransformation { prefix: "p_".to_owned(), suffix: "_s".to_owned() };
    let none = KeyTransformation::default;
    let cases = [
        (json!({"a": {"b": 1}, "c": 2}), &["a"][..], false, false, none(), json!({"a": {"b": 1}, "c": 2, "b": 1})),
        (json!({"a": {"b": 1}, "c": 2}), &["a"], true, false, none(), json!({"c": 2, "b": 1})),
        (json!({"a": {"b": 1}, "c": 2}), &["a"], false, true, none(), json!({"b": 1})),
        (json!({"a": {"b": 1}, "c": 2}), &["a"], true, false, around(), json!({"c": 2, "p_b_s": 1})),
        (json!({"a": {"b": 1}, "b": 2}), &["a"], true, false, none(), json!({"a": {"b": 1}, "b": 2})),
        (json!({"x": {"a": {"b": 1}}, "c": 2}), &["*", "a"], true, false, none(), json!({"x": {}, "c": 2, "b": 1})),
        (json!({"a": [1]}), &["a"], true, true, none(), json!({"a": [1]})),
        (json!({"a": {}}), &["a"], true, true, none(), json!({})),
    ];
    for (record, path, delete, replace, around, expected) in cases {
        let path = Dpath::of_texts(path.iter().copied());
        let lift = DpathFlattenFields::new(path, delete, replace, around);
        assert_eq!(transformed(&lift, record.clone()).unwrap(), expected, "{record}");
    }
}

#[test]
fn filters_keep_by_condition() {
    let cases = [
        ("{{ record.a.b > 3 }}", json!({"a": {"b": 5}}), true),
        ("{{ record.a.b > 3 }}", json!({"a": {"b": 1}}), false),
        ("{{ record.a.b > 3 }}", json!({}), false),
        ("{{ record.a.b > 3 }}", json!({"a": {"b": "x"}}), true),
        ("{{ none }}", json!({}), false),
        ("{{ next_page_token is none and stream_slice.id == 4 and config.shop == 's1' }}", json!({}), true),
        ("{{ 'a' in record }}", json!({"a": null}), true),
        ("{{ record.data == 3 }}", json!({"data": 3}), true),
    ];
    for (condition, record, expected) in cases {
        let kept = RecordFilter::new(template(condition)).keep(&record, &scope()).unwrap();
        assert_eq!(kept, expected, "{condition} {record}");
    }
}

#[test]
fn configurations_are_transformed() {
    let fields = vec![field(&["a"], "5", None), field(&["b", "c"], "{{ config.get('a', 0) + 1 }}", None)];
    let add = AddFields::new(fields, Some(template("{{ config.on }}")));
    assert_eq!(configured(&add, json!({"on": true})).unwrap(), json!({"on": true, "a": 5, "b": {"c": 6}}));
    assert_eq!(configured(&add, json!({"on": false})).unwrap(), json!({"on": false}));

    let remove = ConfigRemoveFields::new(paths(&[&["a"], &["none"]]), Some(template("{{ config.a == 1 }}")));
    assert_eq!(configured(&remove, json!({"a": 1, "b": 2})).unwrap(), json!({"b": 2}));
    assert_eq!(configured(&remove, json!({"a": 2, "b": 2})).unwrap(), json!({"a": 2, "b": 2}));

    let map = || {
        vec![
            (template("old"), MappedValue::Template(template("new-{{ config.n }}"))),
            (template("1"), MappedValue::Value(json!([1]))),
        ]
    };
    let remap = ConfigRemapField::new(vec![template("a"), template("{{ config.key }}")], map()).unwrap();
    let cases = [
        (json!({"key": "b", "n": 3, "a": {"b": "old"}}), json!("new-3")),
        (json!({"key": "b", "n": 3, "a": {"b": "1"}}), json!([1])),
        (json!({"key": "b", "n": 3, "a": {"b": 1}}), json!(1)),
        (json!({"key": "b", "n": 3, "a": {"b": "other"}}), json!("other")),
    ];
    for (config, expected) in cases {
        assert_eq!(configured(&remap, config.clone()).unwrap()["a"]["b"], expected, "{config}");
    }
    for config in [json!({"key": "b", "n": 3}), json!({"key": "b", "n": 3, "a": 5})] {
        assert_eq!(configured(&remap, config.clone()).unwrap(), config);
    }
    assert!(ConfigRemapField::new(vec![], vec![]).is_err());
}
