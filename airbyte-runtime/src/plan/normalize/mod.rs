//! Values converted to the types of a JSON schema.

mod convert;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::python::PyValue;
use convert::{convert, is_of_type};

/// The most references of a schema that are followed without a step into the value.
const MAX_REFERENCES: usize = 32;

/// How often one record is held against schemas, for each value in it. Schemas that refer to each other can hold the same
/// value against each other again and again, twice as often at every level.
const STEPS_FOR_A_VALUE: usize = 64;

/// What even the smallest record may take.
const FEWEST_STEPS: usize = 10_000;

/// How many warnings one record gives at most.
const MAX_WARNINGS: usize = 1_000;

/// How deep the form of a value is told in warnings.
const MAX_FORM_DEPTH: usize = 3;

/// Converts the values of records to the types that a schema names: the CDK's `schema_normalization: Default`.
///
/// Only `type`, `properties`, `items` and local `$ref`s count.
#[derive(Clone, Debug)]
pub(crate) struct Normalizer {
    schema: Value,
}

/// A value that does not have the type that its schema names, also after the conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    /// What to log.
    pub(crate) message: String,
}

impl Normalizer {
    /// A normalizer to a schema in draft 7.
    pub(crate) fn new(schema: &Value) -> Self {
        Self { schema: schema.clone() }
    }

    /// Converts the record in place. What cannot be converted stays, and gives a warning.
    pub(crate) fn normalize(&self, record: &mut Value) -> Vec<Warning> {
        let steps = FEWEST_STEPS.max(values_in(record).saturating_mul(STEPS_FOR_A_VALUE));
        let mut pass = Pass { root: &self.schema, path: Vec::new(), references: 0, steps, warnings: Vec::new() };
        pass.visit(record, &self.schema);
        if pass.steps == 0 {
            let message =
                "The references of the schema are too complicated for this record; not all of it is converted";
            pass.warnings.push(Warning { message: message.to_owned() });
        }
        pass.warnings
    }
}

/// One walk through a record.
struct Pass<'s> {
    root: &'s Value,
    path: Vec<String>,
    references: usize,
    /// How many more schemas may be looked at.
    steps: usize,
    warnings: Vec<Warning>,
}

impl<'s> Pass<'s> {
    /// Walks in the order of the schema's keywords, which is the order of the warnings.
    fn visit(&mut self, value: &mut Value, schema: &'s Value) {
        let Some(left) = self.steps.checked_sub(1) else { return };
        self.steps = left;
        let keywords = match schema {
            Value::Object(keywords) => keywords,
            Value::Bool(false) => return self.warn(value, "None"),
            _ => return,
        };
        for (keyword, rule) in keywords {
            match (keyword.as_str(), rule) {
                ("type", types) => self.check_type(value, types),
                ("$ref", Value::String(reference)) => self.follow(value, reference),
                ("properties", Value::Object(properties)) => {
                    let Value::Object(object) = &mut *value else { continue };
                    for (key, schema) in properties {
                        if let Some(child) = object.get_mut(key) {
                            convert(child, schema);
                        }
                    }
                    for (key, schema) in properties {
                        if let Some(child) = object.get_mut(key) {
                            self.descend(child, schema, key.clone());
                        }
                    }
                }
                ("items", rule) => self.visit_items(value, rule),
                _ => {}
            }
        }
    }

    fn visit_items(&mut self, value: &mut Value, rule: &'s Value) {
        let Value::Array(items) = value else { return };
        if let Value::Array(schemas) = rule {
            for (at, (item, schema)) in items.iter_mut().zip(schemas).enumerate() {
                self.descend(item, schema, at.to_string());
            }
            return;
        }
        for item in items.iter_mut() {
            convert(item, rule);
        }
        for (at, item) in items.iter_mut().enumerate() {
            self.descend(item, rule, at.to_string());
        }
    }

    fn descend(&mut self, value: &mut Value, schema: &'s Value, step: String) {
        self.path.push(step);
        let references = std::mem::take(&mut self.references);
        self.visit(value, schema);
        self.references = references;
        self.path.pop();
    }

    /// A value behind a reference is not converted itself, only what is in it.
    fn follow(&mut self, value: &mut Value, reference: &str) {
        let target = reference.strip_prefix('#').and_then(|pointer| {
            let pointer = percent_encoding::percent_decode_str(pointer).decode_utf8().ok()?;
            self.root.pointer(&pointer)
        });
        if let Some(schema) = target
            && self.references < MAX_REFERENCES
        {
            self.references += 1;
            self.visit(value, schema);
            self.references -= 1;
        }
    }

    fn check_type(&mut self, value: &Value, types: &Value) {
        match types {
            Value::String(name) if !is_of_type(value, name) => self.warn(value, name),
            Value::Array(names) if !names.iter().filter_map(Value::as_str).any(|name| is_of_type(value, name)) => {
                self.warn(value, &PyValue::from_json(types).to_text());
            }
            _ => {}
        }
    }

    fn warn(&mut self, value: &Value, wanted: &str) {
        if self.warnings.len() == MAX_WARNINGS {
            return;
        }
        let form = match form(value, 0) {
            Value::String(name) => name,
            nested => PyValue::from_json(&nested).to_text(),
        };
        let path = self.path.join(".");
        self.warnings.push(Warning {
            message: format!("Failed to transform value from type '{form}' to type '{wanted}' at path: '{path}'"),
        });
    }
}

/// How many values there are in a value, itself and the keys' included.
fn values_in(value: &Value) -> usize {
    match value {
        Value::Object(object) => 1 + object.values().map(values_in).sum::<usize>(),
        Value::Array(items) => 1 + items.iter().map(values_in).sum::<usize>(),
        _ => 1,
    }
}

/// The types within a value, never the value itself.
fn form(value: &Value, depth: usize) -> Value {
    Value::from(match value {
        Value::Object(object) if depth < MAX_FORM_DEPTH => {
            return object.iter().map(|(key, child)| (key.clone(), form(child, depth + 1))).collect();
        }
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::String(_) => "string",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
    })
}
