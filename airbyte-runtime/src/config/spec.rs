//! The connection specification as JSON schema, in Airbyte's dialect of draft-07.

use serde_json::{Map, Value, json};

use crate::define::config::{ConfigField, EnumShape, Kind, Shape, Variant};
use crate::define::source::SourceDef;

/// The `connectionSpecification` of a source.
pub(crate) fn connection_specification(source: &SourceDef, shape: &Shape) -> Value {
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    root.insert("title".to_owned(), json!(format!("{} Spec", source.title)));
    root.extend(object(shape.fields()));
    if !source.groups.is_empty() {
        let groups = source.groups.iter().map(|(id, title)| json!({"id": id, "title": title.to_json()})).collect();
        root.insert("groups".to_owned(), Value::Array(groups));
    }
    Value::Object(root)
}

/// `type`, `required`, `properties` and `additionalProperties` of an object.
fn object(fields: &[ConfigField]) -> Map<String, Value> {
    let required: Vec<&str> = fields.iter().filter(|field| is_required(field)).map(|field| field.key).collect();
    let properties =
        fields.iter().enumerate().map(|(order, field)| (field.key.to_owned(), property(field, order))).collect();
    Map::from_iter([
        ("type".to_owned(), json!("object")),
        ("required".to_owned(), json!(required)),
        ("properties".to_owned(), Value::Object(properties)),
        ("additionalProperties".to_owned(), json!(true)),
    ])
}

/// A default makes a field optional: the form fills it in, and so does the source.
fn is_required(field: &ConfigField) -> bool {
    !field.shape.optional && field.default.is_none()
}

fn property(field: &ConfigField, order: usize) -> Value {
    let mut schema = Map::new();
    schema.insert("title".to_owned(), json!(field.title));
    schema.insert("description".to_owned(), json!(field.description));
    schema.insert("order".to_owned(), field.order.map_or_else(|| json!(order), |order| json!(order)));
    schema.extend(type_of(&field.shape));
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema.insert(key.to_owned(), value);
        }
    };
    set("default", field.default.map(crate::define::Value::to_json));
    set("examples", (!field.examples.is_empty()).then(|| field.examples.iter().map(|value| value.to_json()).collect()));
    set("format", field.format.map(Value::from));
    set("pattern", field.pattern.map(Value::from));
    set("pattern_descriptor", field.pattern_descriptor.map(Value::from));
    set("minimum", field.minimum.map(Value::from));
    set("maximum", field.maximum.map(Value::from));
    set("minLength", field.min_length.map(Value::from));
    set("maxLength", field.max_length.map(Value::from));
    set("group", field.group.map(Value::from));
    set("display_type", field.display_type.map(Value::from));
    set("multiline", field.multiline.then_some(Value::Bool(true)));
    set("always_show", field.always_show.then_some(Value::Bool(true)));
    set("airbyte_hidden", field.hidden.then_some(Value::Bool(true)));
    let is_list = matches!(field.shape.kind, Kind::List(_));
    set("airbyte_secret", (field.shape.secret && !is_list).then_some(Value::Bool(true)));
    Value::Object(schema)
}

fn type_of(shape: &Shape) -> Map<String, Value> {
    let schema = match shape.kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Date => json!({
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "pattern_descriptor": "YYYY-MM-DD",
        }),
        Kind::Timestamp => json!({
            "type": "string",
            "format": "date-time",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$",
            "pattern_descriptor": "YYYY-MM-DDTHH:mm:ssZ",
        }),
        Kind::Integer { unsigned: true } => json!({"type": "integer", "minimum": 0}),
        Kind::Integer { unsigned: false } => json!({"type": "integer"}),
        Kind::Number => json!({"type": "number"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Any => json!({}),
        Kind::List(item) => {
            let mut item_schema = type_of(item);
            if item.secret {
                item_schema.insert("airbyte_secret".to_owned(), json!(true));
            }
            json!({"type": "array", "items": item_schema})
        }
        Kind::Struct(inner) => return object(inner.fields),
        Kind::Enum(inner) => choice(inner),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

/// Texts to choose from, or objects that a constant property tells apart.
fn choice(shape: &EnumShape) -> Value {
    if shape.variants.iter().all(|variant| variant.fields.is_empty()) && shape.tag.is_empty() {
        let values: Vec<&str> = shape.variants.iter().map(|variant| variant.value).collect();
        return json!({"type": "string", "enum": values});
    }
    let options = shape.variants.iter().map(|variant| option(shape, variant)).collect::<Vec<_>>();
    json!({"type": "object", "oneOf": options})
}

fn option(shape: &EnumShape, variant: &Variant) -> Value {
    let mut schema = object(variant.fields);
    let tag = json!({"type": "string", "const": variant.value, "order": 0});
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (order, (_, property)) in properties.iter_mut().enumerate() {
            if property.get("order") == Some(&json!(order)) {
                property["order"] = json!(order + 1);
            }
        }
        properties.insert(shape.tag.to_owned(), tag);
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.insert(0, json!(shape.tag));
    }
    schema.insert("title".to_owned(), json!(variant.title));
    schema.insert("description".to_owned(), json!(variant.description));
    Value::Object(schema)
}
