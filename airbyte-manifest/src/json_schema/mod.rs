//! JSON Schema draft 7, as Python's `jsonschema` validates it without a format checker.
//!
//! Messages name keys, paths and what the schema wants, and never a value of the instance: it may be a secret.

mod compile;
mod object;
#[cfg(test)]
mod tests;
mod validate;
mod value;

use std::collections::HashMap;

use regex_lite::Regex;
use serde_json::{Number, Value};

/// A schema ready to validate.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The schema itself first, then every schema in it that can be reached.
    forms: Vec<Form>,
}

/// One way in which an instance differs from its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// A JSON pointer to the part of the instance that is wrong; empty for the whole.
    pub instance_path: String,
    /// What is wrong, without any value of the instance.
    pub message: String,
}

impl Schema {
    /// Prepares a schema: a mapping, or `true` or `false`.
    ///
    /// A `$ref` can point into the same document only; one that points elsewhere is a violation where it is used.
    ///
    /// # Errors
    ///
    /// A keyword with a value that it cannot have, by its place in the schema.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        compile::compile(schema).map(|forms| Self { forms })
    }

    /// What is wrong with an instance, in the order of the schema; nothing if it is valid.
    pub fn validate(&self, instance: &Value) -> Vec<Violation> {
        validate::validate(&self.forms, instance)
    }
}

/// The place of a schema in the list of all.
type Slot = usize;

#[derive(Clone, Debug)]
enum Form {
    Always,
    Never,
    /// `$ref`, which makes its neighbours void.
    Reference(Slot),
    /// A `$ref` to nothing that is known.
    Dangling(String),
    Keywords(Box<Keywords>),
}

/// The keywords of one schema.
#[derive(Clone, Debug, Default)]
struct Keywords {
    types: Option<Vec<Type>>,
    one_of_values: Option<Vec<Value>>,
    constant: Option<Value>,
    number: NumberLimits,
    text: TextLimits,
    object: ObjectRules,
    array: ArrayRules,
    all_of: Vec<Slot>,
    any_of: Option<Vec<Slot>>,
    one_of: Option<Vec<Slot>>,
    not: Option<Slot>,
    condition: Option<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

#[derive(Clone, Debug, Default)]
struct NumberLimits {
    minimum: Option<Number>,
    maximum: Option<Number>,
    above: Option<Number>,
    below: Option<Number>,
    multiple_of: Option<Number>,
}

#[derive(Clone, Debug, Default)]
struct TextLimits {
    shortest: Option<u64>,
    longest: Option<u64>,
    /// Compiled, and as written.
    pattern: Option<(Regex, String)>,
}

#[derive(Clone, Debug, Default)]
struct ObjectRules {
    properties: Vec<(String, Slot)>,
    /// The places in `properties`.
    index: HashMap<String, Slot>,
    required: Vec<String>,
    additional: Option<Slot>,
    patterns: Vec<(Regex, Slot)>,
    /// Whether a pattern is not understood: no key can then be said to be additional.
    has_unknown_pattern: bool,
    names: Option<Slot>,
    fewest: Option<u64>,
    most: Option<u64>,
    dependencies: Vec<(String, Dependency)>,
}

#[derive(Clone, Debug)]
enum Dependency {
    Keys(Vec<String>),
    Schema(Slot),
}

#[derive(Clone, Debug, Default)]
struct ArrayRules {
    items: Items,
    additional: Option<Slot>,
    contains: Option<Slot>,
    fewest: Option<u64>,
    most: Option<u64>,
    unique: bool,
}

#[derive(Clone, Debug, Default)]
enum Items {
    #[default]
    Any,
    All(Slot),
    Each(Vec<Slot>),
}

#[derive(Clone, Debug)]
struct Condition {
    test: Slot,
    then: Option<Slot>,
    otherwise: Option<Slot>,
}
