use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use airbyte_manifest::model::{PrimaryKey, StreamDefinition, parse_stream};
use airbyte_manifest::resolve;
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::*;
use crate::error::Error;
use crate::jinja::{Parameters, Template};
use crate::plan::LocalBoxFuture;
use crate::plan::transform::{KeysToLower, RecordFilter};

fn stream(extra: Value) -> DeclarativeStream {
    let mut stream = json!({
        "type": "DeclarativeStream",
        "name": "users",
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {"type": "HttpRequester", "url": "https://api.example.com/users"},
            "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": []}},
        },
    });
    stream.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let node = resolve::propagate(&Node::from_json(&stream), "", &Map::new(), false).unwrap();
    match parse_stream(&node) {
        Ok(StreamDefinition::DeclarativeStream(stream)) => *stream,
        other => panic!("{other:#?}"),
    }
}

fn inline(schema: Value) -> Value {
    json!({"type": "InlineSchemaLoader", "schema": schema})
}

fn dynamic(identifier: Value) -> Value {
    let mut identifier = identifier;
    identifier.as_object_mut().unwrap().insert("type".to_owned(), json!("SchemaTypeIdentifier"));
    json!({
        "type": "DynamicSchemaLoader",
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {"type": "HttpRequester", "url": "https://api.example.com/meta"},
            "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": []}},
        },
        "schema_type_identifier": identifier,
    })
}

fn model(loader: &Value) -> DynamicSchemaLoader {
    match stream(json!({"schema_loader": loader})).schema_loader {
        Some(OneOrMany::One(SchemaLoader::DynamicSchemaLoader(loader))) => *loader,
        other => panic!("{other:#?}"),
    }
}

fn environment() -> Arc<Environment> {
    Environment::new(&json!({"kind": "type"}))
}

/// What a loader makes of a description.
fn described(identifier: Value, record: &Value) -> Result<Value> {
    let schema = DynamicSchema::new(&model(&dynamic(identifier)), &environment(), None, Vec::new())?;
    Ok(schema.schema_of(record)?.get("properties").cloned().unwrap_or_default())
}

/// A connector's directory that is removed with it.
struct Directory(PathBuf);

impl Directory {
    fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("manifest-schemas-{}-{count}", std::process::id()));
        for (file, text) in files {
            let file = path.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // A directory that stays behind is no failure of the test.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn document(loader: Value, dir: Option<&Path>) -> Result<Value> {
    let stream = stream(match loader {
        Value::Null => json!({}),
        loader => json!({"schema_loader": loader}),
    });
    match load(&stream, &environment(), dir, &mut |asked| match asked {
        Asked::Dynamic(_) => panic!("no description"),
        Asked::Custom(custom) => Err(Error::system(format!("`{}`", custom.class_name.text))),
    })? {
        SchemaPlan::Document(schema) => Ok(Value::clone(&schema)),
        _ => panic!("it is known"),
    }
}

#[test]
fn schemas_in_the_manifest() {
    let cases = [
        (inline(json!({"type": "object", "properties": {}})), json!({"type": "object", "properties": {}})),
        (json!({"type": "InlineSchemaLoader"}), json!({})),
        (Value::Null, json!({})),
        (
            json!([
                inline(json!({"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]})),
                inline(json!({"properties": {"c": {}, "a": {"type": "integer"}}})),
            ]),
            json!({
                "$schema": "http://json-schema.org/draft-07/schema#",
                "type": ["null", "object"],
                "properties": {"c": {}, "a": {"type": "string"}, "b": {}},
            }),
        ),
    ];
    for (loader, expected) in cases {
        assert_eq!(document(loader, None).unwrap().to_string(), expected.to_string());
    }
    let error = document(json!([inline(json!({}))]), None).unwrap_err();
    assert!(error.message().contains("no `properties`"), "{error}");
    let error = document(json!({"type": "CustomSchemaLoader", "class_name": "x.Y"}), None).unwrap_err();
    assert!(error.message().contains("`x.Y`"), "{error}");
}

#[test]
fn schemas_in_files() {
    let directory = Directory::new(&[
        (
            "schemas/users.json",
            r#"{"properties": {"id": {"$ref": "shared.json#/definitions/id"}}, "definitions": {"x": 1}}"#,
        ),
        (
            "schemas/shared/shared.json",
            r##"{"definitions": {"id": {"$ref": "#/definitions/number"}, "number": {"type": "integer", "definitions": {}}}}"##,
        ),
        ("source_x/schemas/own.json", r#"{"type": "object"}"#),
        ("schemas/circle.json", r##"{"properties": {"a": {"$ref": "#/properties/a"}}}"##),
        ("schemas/dangling.json", r#"{"a": {"$ref": "shared.json#/nope"}}"#),
        ("schemas/broken.json", "{"),
    ]);
    let file =
        |path: &str| json!({"type": "JsonFileSchemaLoader", "file_path": path, "$parameters": {"name": "users"}});
    let users = json!({"properties": {"id": {"type": "integer"}}, "definitions": {"x": 1}});
    let cases = [
        (Value::Null, Ok(users.clone())),
        (file("./schemas/{{ parameters['name'] }}.json"), Ok(users.clone())),
        (json!({"type": "JsonFileSchemaLoader", "$parameters": {"name": "users"}}), Ok(users.clone())),
        (file("./source_y/schemas/users.json"), Ok(users)),
        (file("source_x/schemas/own.json"), Ok(json!({"type": "object"}))),
        (file("./nope/{{ parameters['name'] }}.json"), Err("Cannot find file ./nope/users.json")),
        (file("schemas/circle.json"), Err("in a circle")),
        (file("schemas/dangling.json"), Err("`shared.json#/nope` of a schema file points to nothing")),
        (file("schemas/broken.json"), Err("Invalid JSON file format")),
        (file("../secret.json"), Err("outside")),
        (file("source_x//etc/hostname"), Err("Cannot find file source_x//etc/hostname")),
    ];
    for (loader, expected) in cases {
        match (document(loader.clone(), Some(&directory.0)), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{loader}"),
            (Err(error), Err(expected)) => assert!(error.message().contains(expected), "{loader}: {error}"),
            (found, _) => panic!("{loader}: {found:?}"),
        }
    }
}

#[test]
fn types_of_described_properties() {
    let identifier = json!({
        "schema_pointer": ["fields"],
        "key_pointer": ["name"],
        "type_pointer": ["{{ config['kind'] }}"],
        "types_mapping": [
            {"target_type": "string", "current_type": "text"},
            {"target_type": ["string", "number"], "current_type": "mixed"},
            {"target_type": {"field_type": "array", "items": "integer"}, "current_type": "ints"},
            {
                "target_type": {"field_type": "array", "items": {"field_type": "array", "items": "string"}},
                "current_type": "nested",
            },
            {"target_type": "integer", "current_type": "num", "condition": "{{ raw_schema['precision'] == 0 }}"},
            {"target_type": "number", "current_type": "num"},
            {"target_type": "date", "current_type": ["a", "b"]},
        ],
    });
    let cases = [
        (json!({"type": "text"}), json!({"type": ["null", "string"]})),
        (json!({"type": "mixed"}), json!({"oneOf": [{"type": ["null", "string"]}, {"type": ["null", "number"]}]})),
        (json!({"type": "ints"}), json!({"type": ["null", "array"], "items": {"type": ["null", "integer"]}})),
        (
            json!({"type": "nested"}),
            json!({
                "type": ["null", "array"],
                "items": {"type": ["null", "array"], "items": {"type": ["null", "string"]}},
            }),
        ),
        (json!({"type": "num", "precision": 0}), json!({"type": ["null", "integer"]})),
        (json!({"type": "num", "precision": 2}), json!({"type": ["null", "number"]})),
        (json!({}), json!({"type": ["null", "string"]})),
        (json!({"type": ["a", "b"]}), json!({"type": ["null", "string"], "format": "date"})),
        (json!({"type": "timestamp_with_timezone"}), json!({"type": ["null", "string"], "format": "date-time"})),
        (
            json!({"type": "time_without_timezone"}),
            json!({"type": ["null", "string"], "format": "time", "airbyte_type": "time_without_timezone"}),
        ),
        (
            json!({"type": ["string", "boolean"]}),
            json!({"oneOf": [{"type": ["null", "string"]}, {"type": ["null", "boolean"]}]}),
        ),
    ];
    for (property, expected) in cases {
        let mut named = property.clone();
        named.as_object_mut().unwrap().insert("name".to_owned(), json!("p"));
        let found = described(identifier.clone(), &json!({"fields": [named]})).unwrap();
        assert_eq!(found, json!({"p": expected}), "{property}");
    }
    for property in [json!({"type": "blob"}), json!({"type": null}), json!({"type": ["string"]})] {
        let mut named = property.clone();
        named.as_object_mut().unwrap().insert("name".to_owned(), json!("p"));
        assert!(described(identifier.clone(), &json!({"fields": [named]})).is_err(), "{property}");
    }
}

#[test]
fn pointers_into_descriptions() {
    let nested =
        json!({"schema_pointer": ["result", "fields"], "key_pointer": ["meta", "key"], "type_pointer": ["meta", "t"]});
    let fields = json!({"result": {"fields": [{"meta": {"key": "a", "t": "number"}}]}});
    let number = json!({"a": {"type": ["null", "number"]}});
    let text = |name: &str| json!({name: {"type": ["null", "string"]}});
    let cases = [
        ("nested", nested.clone(), fields, Ok(number)),
        ("an empty record has no properties", nested.clone(), json!({}), Ok(json!({}))),
        ("no record, either", nested.clone(), Value::Null, Ok(json!({}))),
        ("nothing at the pointer", nested, json!({"x": 1}), Err("no list of properties")),
        (
            "keys of a mapping",
            json!({"schema_pointer": ["f"], "key_pointer": []}),
            json!({"f": {"k": 1}}),
            Ok(text("k")),
        ),
        ("no pointer", json!({"key_pointer": ["name"]}), json!({"name": "x"}), Err("Expected key to be a string")),
        (
            "a key that is no text",
            json!({"schema_pointer": ["f"], "key_pointer": ["k"]}),
            json!({"f": [{"k": 1}]}),
            Err("a number at [\"k\"]"),
        ),
        (
            "the last of one name wins",
            json!({"schema_pointer": ["f"], "key_pointer": ["k"], "type_pointer": ["t"]}),
            json!({"f": [{"k": "a", "t": "number"}, {"k": "a", "t": "string"}]}),
            Ok(text("a")),
        ),
    ];
    for (what, identifier, record, expected) in cases {
        match (described(identifier, &record), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{what}"),
            (Err(error), Err(expected)) => assert!(error.message().contains(expected), "{what}: {error}"),
            (found, _) => panic!("{what}: {found:?}"),
        }
    }
}

#[test]
fn described_properties_are_filtered_and_then_transformed() {
    let environment = environment();
    let condition = Template::new(&environment, "{{ 'Id' in record }}", &Parameters::default()).unwrap();
    let identifier = json!({"schema_pointer": ["f"], "key_pointer": ["k"]});
    let filter = Some(RecordFilter::new(condition));
    let schema =
        DynamicSchema::new(&model(&dynamic(identifier)), &environment, filter, vec![Box::new(KeysToLower)]).unwrap();
    let found = schema.schema_of(&json!({"f": [{"k": "Id"}, {"k": "Other"}]})).unwrap();
    let expected = json!({
        "$schema": "https://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": true,
        "properties": {"id": {"type": ["null", "string"]}},
    });
    assert_eq!(found.to_string(), expected.to_string());
}

struct Given(Value);

impl FirstRecord for Given {
    fn first_record(&self) -> LocalBoxFuture<'_, Result<Option<Value>>> {
        async { Ok(Some(self.0.clone())) }.boxed_local()
    }
}

#[test]
fn a_description_may_stand_in_a_list() {
    let stream = stream(json!({"schema_loader": [
        inline(json!({"properties": {"Id": {"type": "string"}}})),
        dynamic(json!({"schema_pointer": ["f"], "key_pointer": ["k"], "type_pointer": ["t"]})),
    ]}));
    let environment = environment();
    let plan = load(&stream, &environment, None, &mut |asked| {
        let Asked::Dynamic(model) = asked else { panic!("a description") };
        let schema = DynamicSchema::new(model, &environment, None, Vec::new())?;
        let record = json!({"f": [{"k": "Id", "t": "integer"}, {"k": "n", "t": "number"}]});
        Ok(Arc::new(DescribedSchema::new(schema, Box::new(Given(record)))) as Arc<_>)
    });
    let Ok(SchemaPlan::Loaded(schema)) = plan else { panic!("it is made on demand") };
    let found = schema.load().now_or_never().unwrap().unwrap();
    let expected = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": ["null", "object"],
        "properties": {"Id": {"type": "string"}, "n": {"type": ["null", "number"]}},
    });
    assert_eq!(found.to_string(), expected.to_string());
}

#[test]
fn primary_keys() {
    let key = |key: Value| -> Option<PrimaryKey> {
        match key {
            Value::Null => None,
            key => stream(json!({"primary_key": key})).primary_key,
        }
    };
    let cases = [
        (Value::Null, Ok(json!([]))),
        (json!(""), Ok(json!([[""]]))),
        (json!("id"), Ok(json!([["id"]]))),
        (json!([]), Ok(json!([]))),
        (json!(["a", "b"]), Ok(json!([["a"], ["b"]]))),
        (json!([["a"], ["b"]]), Ok(json!([["a"], ["b"]]))),
        (json!([["a", "b"]]), Err("Nested primary keys are not supported. Found [['a', 'b']]")),
        (json!([["a"], []]), Err("Nested primary keys are not supported. Found [['a'], []]")),
    ];
    for (written, expected) in cases {
        match (primary_key(key(written.clone()).as_ref()), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(json!(found), expected, "{written}"),
            (Err(error), Err(expected)) => assert!(error.message().starts_with(expected), "{error}"),
            (found, _) => panic!("{written}: {found:?}"),
        }
    }
}
