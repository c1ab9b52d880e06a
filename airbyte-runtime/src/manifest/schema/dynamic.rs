//! Schemas that an API describes.

use std::sync::Arc;

use airbyte_manifest::model::{ComplexFieldType, DynamicSchemaLoader, ItemType, TargetType, Text};
use futures_util::FutureExt;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use crate::error::{Error, Result};
use crate::jinja::{self, Environment, Parameters, Scope, Template};
use crate::plan::column;
use crate::plan::dpath::Dpath;
use crate::plan::transform::{RecordFilter, TransformScope, Transformation};
use crate::plan::{LoadSchema, LocalBoxFuture};

/// Reads the first record of the description.
pub(crate) trait FirstRecord: Send + Sync {
    /// The record, `None` if there is none.
    ///
    /// # Errors
    /// Whatever kept the API from sending it.
    fn first_record(&self) -> LocalBoxFuture<'_, Result<Option<Value>>>;
}

/// A schema that is made of the first record of a description when it is first asked for.
pub(crate) struct DescribedSchema {
    schema: DynamicSchema,
    description: Box<dyn FirstRecord>,
    made: OnceCell<Value>,
}

/// How a schema is made of a description: a pure function.
pub(crate) struct DynamicSchema {
    /// Where the properties are; the whole record if empty.
    properties: Vec<Template>,
    key: Vec<Template>,
    /// Where a type is in a property; every type is `string` if empty.
    kind: Vec<Template>,
    rules: Vec<TypeRule>,
    filter: Option<RecordFilter>,
    transformations: Vec<Box<dyn Transformation>>,
}

/// The type that takes another's place.
struct TypeRule {
    current: Value,
    condition: Option<Template>,
    target: Target,
}

enum Target {
    /// Text or a list of text, checked when it is used.
    Names(Value),
    Schema(Value),
}

impl DescribedSchema {
    /// A schema of what `description` reads.
    pub(crate) fn new(schema: DynamicSchema, description: Box<dyn FirstRecord>) -> Self {
        Self { schema, description, made: OnceCell::new() }
    }
}

impl LoadSchema for DescribedSchema {
    fn load(&self) -> LocalBoxFuture<'_, Result<Value>> {
        async {
            let make = async || {
                let record = self.description.first_record().await?;
                self.schema.schema_of(record.as_ref().unwrap_or(&Value::Null))
            };
            self.made.get_or_try_init(make).await.cloned()
        }
        .boxed_local()
    }
}

impl DynamicSchema {
    /// A schema as the model describes it. The filter and the transformations of the model are handed over built;
    /// they see `record`: a property as a mapping of its own for the filter, all properties for the transformations.
    ///
    /// # Errors
    /// Templates that Jinja cannot parse, items of a type that has none, types that do not exist.
    pub(crate) fn new(
        model: &DynamicSchemaLoader,
        environment: &Arc<Environment>,
        filter: Option<RecordFilter>,
        transformations: Vec<Box<dyn Transformation>>,
    ) -> Result<Self> {
        let identifier = &model.schema_type_identifier;
        let parameters = identifier.parameters();
        let pointer = |path: &[Text]| -> Result<Vec<Template>> {
            path.iter().map(|segment| Template::new(environment, segment.as_str(), &parameters)).collect()
        };
        let rule = |rule: &airbyte_manifest::model::TypesMap| {
            let current = match &rule.current_type {
                airbyte_manifest::model::OneOrMany::One(name) => name.text.clone().into(),
                airbyte_manifest::model::OneOrMany::Many(names) => texts(names),
            };
            let condition = rule.condition.as_ref().map(|condition| {
                // Conditions do not see parameters.
                Template::new(environment, condition.as_str(), &Parameters::default())
            });
            Ok(TypeRule { current, condition: condition.transpose()?, target: target(&rule.target_type)? })
        };
        Ok(Self {
            properties: pointer(&identifier.schema_pointer)?,
            key: pointer(&identifier.key_pointer)?,
            kind: pointer(identifier.type_pointer.as_deref().unwrap_or_default())?,
            rules: identifier.types_mapping.iter().map(rule).collect::<Result<_>>()?,
            filter,
            transformations,
        })
    }

    /// The schema that a description gives. `null` and an empty record give one without properties.
    ///
    /// # Errors
    /// Properties that are no list, keys that are no text, types that do not exist, templates that fail.
    pub(crate) fn schema_of(&self, first_record: &Value) -> Result<Value> {
        let mut properties = Map::new();
        if !is_empty(first_record) {
            let (key, kind) = (path(&self.key)?, path(&self.kind)?);
            let described = path(&self.properties)?;
            for property in elements(described.get(first_record)?, &described)?.iter() {
                properties.insert(name_of(property, &key)?, self.type_of(property, &kind)?);
            }
        }
        let scope = TransformScope::of_slice(jinja::json(&Value::Null));
        let mut properties = Value::Object(self.filtered(properties, &scope)?);
        self.transformations.iter().try_for_each(|change| change.transform(&mut properties, &scope))?;
        Ok(json!({
            "$schema": "https://json-schema.org/draft-07/schema#",
            "type": "object",
            "additionalProperties": true,
            "properties": properties,
        }))
    }

    fn filtered(&self, properties: Map<String, Value>, scope: &TransformScope) -> Result<Map<String, Value>> {
        let Some(filter) = &self.filter else { return Ok(properties) };
        let mut kept = Map::new();
        for (key, property) in properties {
            let mut record = Map::new();
            record.insert(key, property);
            let record = Value::Object(record);
            if filter.keep(&record, scope)?
                && let Value::Object(record) = record
            {
                kept.extend(record);
            }
        }
        Ok(kept)
    }

    fn type_of(&self, property: &Value, path: &Dpath) -> Result<Value> {
        let found = if path.is_empty() { None } else { path.get(property)? };
        let found = found.cloned().unwrap_or_else(|| "string".into());
        // Conditions are evaluated up to the rule that applies, even those of other types: they may fail.
        for rule in &self.rules {
            let holds = match &rule.condition {
                Some(condition) => condition.condition(&Scope::new().with("raw_schema", jinja::json(property)))?,
                None => true,
            };
            if holds && rule.current == found {
                return match &rule.target {
                    Target::Names(names) => named(names),
                    Target::Schema(schema) => Ok(schema.clone()),
                };
            }
        }
        named(&found)
    }
}

/// A pointer with its templates evaluated.
fn path(templates: &[Template]) -> Result<Dpath> {
    let segments: Vec<_> = templates.iter().map(|template| template.eval(&Scope::new())).collect::<Result<_>>()?;
    Ok(Dpath::new(segments))
}

/// What Python iterates over: the elements of a list, the keys of a mapping, the characters of a text.
fn elements(described: Option<&Value>, path: &Dpath) -> Result<Vec<Value>> {
    match described {
        Some(Value::Array(items)) => Ok(items.clone()),
        Some(Value::Object(object)) => Ok(object.keys().cloned().map(Value::String).collect()),
        Some(Value::String(text)) => Ok(text.chars().map(|character| character.to_string().into()).collect()),
        _ => Err(Error::system(format!(
            "the description of the schema has no list of properties at {path}; correct `schema_pointer`"
        ))),
    }
}

fn name_of(property: &Value, path: &Dpath) -> Result<String> {
    let name = path.get(property)?;
    name.and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
        let found = name.map_or("nothing", what);
        Error::system(format!(
            "Expected key to be a string: a described property has {found} at {path}; correct `key_pointer`, or \
             `schema_pointer` if the properties are elsewhere"
        ))
    })
}

/// The schema of a type by its name, or of either of two.
fn named(names: &Value) -> Result<Value> {
    match names {
        Value::String(name) => airbyte_type(name),
        Value::Array(pair) => match pair.as_slice() {
            [Value::String(first), Value::String(second)] => {
                Ok(json!({"oneOf": [airbyte_type(first)?, airbyte_type(second)?]}))
            }
            _ => Err(invalid("a list other than of two texts")),
        },
        other => Err(invalid(what(other))),
    }
}

fn invalid(found: &str) -> Error {
    Error::system(format!(
        "a described property has {found} as its type, which is neither text nor a list of two texts; \
         add it to `types_mapping`"
    ))
}

fn airbyte_type(name: &str) -> Result<Value> {
    column::schema_of(name).ok_or_else(|| {
        Error::system(format!("`{name}` is no type of Airbyte's; map it to one in `types_mapping`: {}", column::TYPES))
    })
}

fn target(target: &TargetType) -> Result<Target> {
    Ok(match target {
        TargetType::Name(name) => Target::Names(name.text.clone().into()),
        TargetType::Names(names) => Target::Names(texts(names)),
        TargetType::Complex(complex) => Target::Schema(complex_type(complex)?),
    })
}

fn complex_type(complex: &ComplexFieldType) -> Result<Value> {
    let name = complex.field_type.as_str();
    let mut schema = airbyte_type(name)?;
    let items = match &complex.items {
        None => return Ok(schema),
        Some(_) if name != "array" => {
            return Err(Error::system(format!("'items' can only be used when 'field_type' is an array, not `{name}`")));
        }
        Some(ItemType::Name(items)) => airbyte_type(items.as_str())?,
        Some(ItemType::Complex(items)) => complex_type(items)?,
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("items".to_owned(), items);
    }
    Ok(schema)
}

fn texts(list: &[Text]) -> Value {
    list.iter().map(|text| Value::from(text.as_str())).collect()
}

fn is_empty(record: &Value) -> bool {
    match record {
        Value::Null => true,
        Value::Object(object) => object.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn what(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
