//! Record schemas: what schemars derives from a type, reshaped once into Airbyte's dialect.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

mod expected;
mod shape;

pub(crate) use expected::{Difference, Expected, Types, joined};
use shape::{Others, Shape, add_type};

/// The JSON schema of a stream's records, for the catalog.
///
/// Destinations make columns of it, and know a small part of JSON Schema only:
///
/// - every property may be null, and none is required, because an API omits what it likes;
/// - unknown fields are allowed, so that a new one breaks nothing;
/// - there are no references, no alternatives and no enumerations: the variants of an enum are merged into one object
///   with the properties of all of them, or, when they are of several types, into a list of types;
/// - a type that contains itself is cut where it begins anew;
/// - doc comments become descriptions.
///
/// The order of the properties is the order of the fields, and the result is the same in every run, because the
/// platform reports each difference as a change of the schema.
///
/// ```
/// use airbyte_runtime::schema::stream_schema;
/// use serde_json::json;
///
/// #[derive(schemars::JsonSchema)]
/// # #[allow(dead_code)]
/// struct Issue {
///     id: u64,
///     /// What it is about.
///     title: Option<String>,
/// }
///
/// assert_eq!(
///     stream_schema::<Issue>(),
///     json!({
///         "$schema": "http://json-schema.org/draft-07/schema#",
///         "type": "object",
///         "additionalProperties": true,
///         "properties": {
///             "id": {"type": ["null", "integer"]},
///             "title": {"type": ["null", "string"], "description": "What it is about."},
///         },
///     })
/// );
/// ```
pub fn stream_schema<T: JsonSchema>() -> Value {
    reshaped(&declared_schema::<T>())
}

/// The schema as the type gives it, in which a field that cannot be null is not null: what records are held against.
pub(crate) fn declared_schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn reshaped(root: &Value) -> Value {
    let shape = Reader { root, in_reference: false }.shape(root);
    let mut schema = Map::new();
    schema.insert("$schema".into(), "http://json-schema.org/draft-07/schema#".into());
    schema.insert("type".into(), "object".into());
    shape.render_details(&["object"], &mut schema);
    schema.entry("properties").or_insert_with(|| json!({}));
    Value::Object(schema)
}

/// Reads a derived schema, whose subschemas are inlined; the references that are left are recursion.
struct Reader<'a> {
    root: &'a Value,
    in_reference: bool,
}

impl Reader<'_> {
    fn shape(&self, schema: &Value) -> Shape {
        let schema = match schema {
            Value::Object(schema) => schema,
            Value::Bool(false) => return Shape::of_types(Vec::new()),
            _ => return Shape::default(),
        };
        let mut shape = self.own_shape(schema);
        if let Some(Value::String(reference)) = schema.get("$ref") {
            shape = shape.and(self.cut(reference));
        }
        for part in list(schema, "allOf") {
            shape = shape.and(self.shape(part));
        }
        for keyword in ["anyOf", "oneOf"] {
            if schema.contains_key(keyword) {
                shape = shape.and(self.alternatives(list(schema, keyword)));
            }
        }
        shape
    }

    /// The shape without what references and combinations add to it.
    fn own_shape(&self, schema: &Map<String, Value>) -> Shape {
        let types = types(schema);
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        Shape {
            annotations: annotations(schema, types.as_deref()),
            description: schema.get("description").cloned(),
            properties: properties.map(|(name, schema)| (name.clone(), self.shape(schema))).collect(),
            items: self.items(schema).map(Box::new),
            null: types.is_none() || names_null(schema),
            others: self.others(schema),
            types,
        }
    }

    fn others(&self, schema: &Map<String, Value>) -> Others {
        match schema.get("additionalProperties") {
            Some(Value::Bool(true)) => Others::Allowed,
            Some(schema @ Value::Object(_)) => Others::Like(Box::new(self.shape(schema))),
            // Names that a pattern describes are not known beforehand.
            _ if schema.contains_key("patternProperties") => Others::Like(Box::default()),
            _ => Others::Unsaid,
        }
    }

    /// The shape of an array's items: of all of them, when it is a tuple.
    fn items(&self, schema: &Map<String, Value>) -> Option<Shape> {
        match schema.get("prefixItems").or_else(|| schema.get("items"))? {
            Value::Array(items) => Some(self.alternatives(items)),
            items => Some(self.shape(items)),
        }
    }

    fn alternatives(&self, schemas: &[Value]) -> Shape {
        let mut shapes: Vec<Shape> = schemas.iter().map(|schema| self.shape(schema)).collect();
        let null = shapes.iter().any(|shape| shape.null);
        shapes.retain(|shape| !shape.is_null());
        if shapes.len() > 1 {
            // The description of one variant is not that of the whole.
            shapes.iter_mut().for_each(|shape| shape.description = None);
        }
        let shape = shapes.into_iter().reduce(Shape::or).unwrap_or_else(|| Shape::of_types(Vec::new()));
        Shape { null, ..shape }
    }

    /// The place where a type begins anew: its types without what is in them.
    fn cut(&self, reference: &str) -> Shape {
        let target = self.root.pointer(reference.trim_start_matches('#')).filter(|_| !self.in_reference);
        let types = target.and_then(|target| Reader { in_reference: true, ..*self }.shape(target).types);
        Shape::of_types(types.unwrap_or_else(|| vec!["object"]))
    }
}

/// The types of a schema, as far as it names or implies them.
fn types(schema: &Map<String, Value>) -> Option<Vec<&'static str>> {
    let mut types = Vec::new();
    match (schema.get("type"), schema.get("const"), schema.get("enum")) {
        (Some(Value::String(name)), ..) => add_type(&mut types, name),
        (Some(Value::Array(names)), ..) => {
            names.iter().filter_map(Value::as_str).for_each(|name| add_type(&mut types, name));
        }
        (_, Some(value), _) => add_type(&mut types, type_of(value)),
        (.., Some(Value::Array(values))) => values.iter().for_each(|value| add_type(&mut types, type_of(value))),
        _ if schema.contains_key("properties") => types.push("object"),
        _ => return None,
    }
    Some(types)
}

/// Whether a schema that says something about the type allows null.
fn names_null(schema: &Map<String, Value>) -> bool {
    match (schema.get("type"), schema.get("const"), schema.get("enum")) {
        (Some(Value::String(name)), ..) => name == "null",
        (Some(Value::Array(names)), ..) => names.iter().any(|name| name == "null"),
        (_, Some(value), _) => value.is_null(),
        (.., Some(Value::Array(values))) => values.iter().any(Value::is_null),
        _ => false,
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The date and time formats in Airbyte's terms. Other formats are dropped, because no destination knows them.
fn annotations(schema: &Map<String, Value>, types: Option<&[&str]>) -> Map<String, Value> {
    let format = schema.get("format").and_then(Value::as_str).filter(|_| types == Some(&["string"]));
    let (format, airbyte_type) = match format {
        Some("date") => (Some("date"), None),
        Some("date-time") => (Some("date-time"), Some("timestamp_with_timezone")),
        Some("partial-date-time") => (Some("date-time"), Some("timestamp_without_timezone")),
        Some("time") => (Some("time"), Some("time_with_timezone")),
        Some("partial-time") => (Some("time"), Some("time_without_timezone")),
        _ => (None, None),
    };
    let mut annotations = Map::new();
    annotations.extend(format.map(|format| ("format".to_owned(), format.into())));
    annotations.extend(airbyte_type.map(|name| ("airbyte_type".to_owned(), name.into())));
    // What a type says in Airbyte's own words counts more.
    for keyword in ["airbyte_type", "contentEncoding"] {
        annotations.extend(schema.get(keyword).map(|value| (keyword.to_owned(), value.clone())));
    }
    annotations
}

fn list<'a>(schema: &'a Map<String, Value>, keyword: &str) -> &'a [Value] {
    schema.get(keyword).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(dead_code)]

    use std::collections::{BTreeMap, BTreeSet, HashMap};

    use super::*;

    fn column<T: JsonSchema>() -> Value {
        #[derive(JsonSchema)]
        struct Record<T> {
            value: T,
        }
        let schema = stream_schema::<Record<T>>();
        assert_dialect(&schema);
        schema["properties"]["value"].clone()
    }

    /// Nothing that Airbyte's acceptance tests forbid, and nothing that may not be null.
    fn assert_dialect(schema: &Value) {
        let object = schema.as_object().unwrap();
        for keyword in object.keys() {
            let known = [
                "$schema",
                "type",
                "format",
                "airbyte_type",
                "contentEncoding",
                "description",
                "additionalProperties",
                "properties",
                "items",
            ];
            assert!(known.contains(&keyword.as_str()), "{keyword} in {schema}");
        }
        if let Some(Value::Array(types)) = object.get("type") {
            assert_eq!(types[0], "null", "{schema}");
            assert_eq!(types.iter().map(Value::to_string).collect::<BTreeSet<_>>().len(), types.len(), "{schema}");
        }
        let is_object =
            |value: &Value| value == "object" || value.as_array().is_some_and(|t| t.contains(&json!("object")));
        assert_eq!(object.get("additionalProperties").is_some(), object.get("type").is_some_and(is_object), "{schema}");
        assert!(object.get("additionalProperties").is_none_or(|value| value == true), "{schema}");
        object.get("items").into_iter().for_each(assert_dialect);
        object.get("properties").and_then(Value::as_object).into_iter().flatten().for_each(|(_, v)| assert_dialect(v));
    }

    struct Formatted<const N: usize>;

    impl<const N: usize> JsonSchema for Formatted<N> {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            format!("Formatted{N}").into()
        }

        fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
            const FORMATS: [&str; 6] = ["date", "date-time", "partial-date-time", "time", "partial-time", "uuid"];
            schemars::json_schema!({"type": "string", "format": FORMATS[N], "title": "dropped", "pattern": "."})
        }
    }

    #[derive(JsonSchema)]
    struct User {
        login: String,
        /// The full name.
        name: Option<String>,
    }

    #[derive(JsonSchema)]
    enum Plain {
        Open,
        /// Documented.
        Closed,
    }

    #[derive(JsonSchema)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Event {
        Opened { by: User, at: Formatted<1> },
        Labeled { by: Option<User>, at: Option<Formatted<1>>, label: String },
        Resized { label: f64, at: Formatted<0> },
        Gone,
    }

    #[derive(JsonSchema)]
    #[serde(untagged)]
    enum Loose {
        Text(String),
        Count(i64),
        Share(f32),
        Flag(bool),
    }

    #[derive(JsonSchema)]
    enum Mixed {
        Nothing,
        Text(String),
        Pair(i32, bool),
    }

    #[derive(JsonSchema)]
    #[serde(untagged)]
    enum Json {
        Text(String),
        List(Vec<Json>),
        Object(BTreeMap<String, Json>),
    }

    #[derive(JsonSchema)]
    struct Node {
        children: Vec<Node>,
        next: Option<Box<Node>>,
    }

    #[test]
    fn scalars() {
        for (found, expected) in [
            (column::<String>(), json!({"type": ["null", "string"]})),
            (column::<Option<String>>(), json!({"type": ["null", "string"]})),
            (column::<Option<Option<i32>>>(), json!({"type": ["null", "integer"]})),
            (column::<u64>(), json!({"type": ["null", "integer"]})),
            (column::<f64>(), json!({"type": ["null", "number"]})),
            (column::<bool>(), json!({"type": ["null", "boolean"]})),
            (column::<char>(), json!({"type": ["null", "string"]})),
            (column::<()>(), json!({"type": ["null"]})),
            (column::<Value>(), json!({"type": ["null", "object"], "additionalProperties": true})),
            (column::<Option<Value>>(), json!({"type": ["null", "object"], "additionalProperties": true})),
            (column::<Formatted<0>>(), json!({"type": ["null", "string"], "format": "date"})),
            (
                column::<Option<Formatted<1>>>(),
                json!({"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"}),
            ),
            (
                column::<Formatted<2>>(),
                json!({"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_without_timezone"}),
            ),
            (
                column::<Formatted<3>>(),
                json!({"type": ["null", "string"], "format": "time", "airbyte_type": "time_with_timezone"}),
            ),
            (
                column::<Formatted<4>>(),
                json!({"type": ["null", "string"], "format": "time", "airbyte_type": "time_without_timezone"}),
            ),
            (column::<Formatted<5>>(), json!({"type": ["null", "string"]})),
        ] {
            assert_eq!(found.to_string(), expected.to_string());
        }
    }

    #[test]
    fn containers() {
        let user = json!({
            "type": ["null", "object"],
            "additionalProperties": true,
            "properties": {
                "login": {"type": ["null", "string"]},
                "name": {"type": ["null", "string"], "description": "The full name."},
            },
        });
        let map = json!({"type": ["null", "object"], "additionalProperties": true});
        for (found, expected) in [
            (column::<Vec<String>>(), json!({"type": ["null", "array"], "items": {"type": ["null", "string"]}})),
            (column::<BTreeSet<u8>>(), json!({"type": ["null", "array"], "items": {"type": ["null", "integer"]}})),
            (column::<[f32; 3]>(), json!({"type": ["null", "array"], "items": {"type": ["null", "number"]}})),
            (
                column::<(String, u8, f64)>(),
                json!({"type": ["null", "array"], "items": {"type": ["null", "string", "number"]}}),
            ),
            (
                column::<Vec<Value>>(),
                json!({"type": ["null", "array"], "items": {"type": ["null", "object"], "additionalProperties": true}}),
            ),
            (column::<Vec<Option<User>>>(), json!({"type": ["null", "array"], "items": user})),
            (column::<Option<User>>(), user),
            (column::<BTreeMap<String, User>>(), map.clone()),
            (column::<HashMap<u32, String>>(), map.clone()),
            (column::<Map<String, Value>>(), map),
        ] {
            assert_eq!(found.to_string(), expected.to_string());
        }
    }

    #[test]
    fn enums_lose_their_alternatives() {
        let event = json!({
            "type": ["null", "object"],
            "additionalProperties": true,
            "properties": {
                "type": {"type": ["null", "string"]},
                "by": column::<User>(),
                "at": {"type": ["null", "string"]},
                "label": {"type": ["null", "string", "number"]},
            },
        });
        for (found, expected) in [
            (column::<Plain>(), json!({"type": ["null", "string"]})),
            (column::<Option<Plain>>(), json!({"type": ["null", "string"]})),
            (column::<Vec<Event>>(), json!({"type": ["null", "array"], "items": event})),
            (column::<Option<Event>>(), event),
            (column::<Loose>(), json!({"type": ["null", "string", "number", "boolean"]})),
            (
                column::<Mixed>(),
                json!({
                    "type": ["null", "string", "object"],
                    "additionalProperties": true,
                    "properties": {
                        "Text": {"type": ["null", "string"]},
                        "Pair": {"type": ["null", "array"], "items": {"type": ["null", "integer", "boolean"]}},
                    },
                }),
            ),
        ] {
            assert_eq!(found.to_string(), expected.to_string());
        }
    }

    #[test]
    fn recursion_is_cut_where_a_type_begins_anew() {
        let cut = json!({"type": ["null", "object"], "additionalProperties": true});
        let node = json!({"children": {"type": ["null", "array"], "items": cut}, "next": cut});
        let root = stream_schema::<Node>();
        assert_dialect(&root);
        assert_eq!(root["properties"], node);
        assert_eq!(column::<Option<Box<Node>>>()["properties"], node);
        // What begins anew here is text, a list, or an object.
        let anew = json!({"type": ["null", "string", "array", "object"], "additionalProperties": true});
        assert_eq!(column::<Json>()["items"], anew);
    }

    #[test]
    fn a_record_keeps_the_order_and_the_words_of_its_fields() {
        /// An issue.
        #[derive(JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Issue {
            /// Who wrote it.
            written_by: User,
            id: u64,
            /// The amount in cents.
            #[schemars(extend("airbyte_type" = "big_integer"), title = "Amount")]
            amount: String,
        }
        #[derive(JsonSchema)]
        struct Flat {
            z: u8,
            #[serde(flatten)]
            event: Event,
            #[serde(flatten)]
            user: User,
        }
        let issue = stream_schema::<Issue>();
        assert_dialect(&issue);
        assert_eq!(
            issue.to_string(),
            concat!(
                r##"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","description":"An issue.","##,
                r#""additionalProperties":true,"properties":{"writtenBy":{"type":["null","object"],"#,
                r#""description":"Who wrote it.","additionalProperties":true,"properties":{"login":{"type":["null","#,
                r#""string"]},"name":{"type":["null","string"],"description":"The full name."}}},"id":{"type":["null","#,
                r#""integer"]},"amount":{"type":["null","string"],"airbyte_type":"big_integer","#,
                r#""description":"The amount in cents."}}}"#
            )
        );
        let flat = stream_schema::<Flat>();
        assert_dialect(&flat);
        let names: Vec<_> = flat["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["z", "login", "name", "type", "by", "at", "label"]);
        let event = stream_schema::<Event>();
        assert_dialect(&event);
        assert_eq!(event["type"], "object");
        #[derive(JsonSchema)]
        struct Empty {}
        assert_eq!(stream_schema::<Empty>()["properties"], json!({}));
    }
}
