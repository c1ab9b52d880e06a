//! Checks a configuration against the connector's `connectionSpecification`, and says everything that is wrong with it.
//!
//! This is the part of JSON Schema draft-07 that Airbyte allows in a specification. The texts are for the person who
//! fills in the form: they name the setting, say what it must be, and never repeat a secret.

mod choice;
mod scalar;
mod unknown;

use std::fmt;

use serde_json::{Map, Value};

pub(crate) use self::choice::chosen_option;
pub(crate) use self::unknown::{closest, unknown_keys};
use super::redact::secrets_in;

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where: `credentials.token`, `repositories[2]`, empty for the whole configuration.
    pub(crate) path: String,
    /// What, as a sentence without a full stop.
    pub(crate) text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Every problem of `config`, in the order of the specification.
///
/// Settings that the specification does not know are no problem; [`unknown_keys`] finds them.
/// A `null` for an optional setting counts as absent.
pub(crate) fn validate(spec: &Value, config: &Value) -> Vec<Problem> {
    let secrets = secrets_in(spec, config);
    let mut check = Check { secrets: &secrets, problems: Vec::new() };
    let root = Place { path: String::new(), secret: false };
    if config.is_object() {
        check.value(&root, spec, config);
    } else {
        check.report(&root, format!("{root} must be an object, found {}", noun(config)));
    }
    check.problems
}

/// What has been found so far.
struct Check<'a> {
    /// The values that no text may repeat, even where the same value stands in a setting that is not secret.
    secrets: &'a [String],
    problems: Vec<Problem>,
}

/// A place in the configuration.
#[derive(Clone)]
struct Place {
    path: String,
    secret: bool,
}

impl Check<'_> {
    fn value(&mut self, place: &Place, schema: &Value, value: &Value) {
        let place = &place.marked_by(schema);
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|name| has_type(value, name)) {
            return self.wrong_type(place, &types, value);
        }
        if !self.is_allowed(place, schema, value) {
            return;
        }
        match value {
            Value::Object(members) => self.object(place, schema, members),
            Value::Array(items) => self.list(place, schema, items),
            Value::String(text) => self.string(place, schema, text),
            Value::Number(number) => self.number(place, schema, number),
            Value::Null | Value::Bool(_) => {}
        }
        self.options(place, schema, value);
    }

    fn object(&mut self, place: &Place, schema: &Value, members: &Map<String, Value>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            match members.get(name) {
                None | Some(Value::Null) if !is_required(schema, name) => {}
                None => self.missing(place, name, ""),
                Some(member) => self.value(&place.member(name), property, member),
            }
        }
        let is_declared = |name: &str| properties.is_some_and(|properties| properties.contains_key(name));
        for name in required(schema).filter(|name| !is_declared(name) && !members.contains_key(*name)) {
            self.missing(place, name, "");
        }
        if let Some(others @ Value::Object(_)) = schema.get("additionalProperties") {
            for (name, member) in members.iter().filter(|(name, _)| !is_declared(name)) {
                self.value(&place.member(name), others, member);
            }
        }
    }

    fn list(&mut self, place: &Place, schema: &Value, items: &[Value]) {
        let count = items.len() as u64;
        if let Some(least) = limit(schema, "minItems").filter(|least| count < *least) {
            let entries = if least == 1 { "entry" } else { "entries" };
            self.report(place, format!("{place} must have at least {least} {entries}, found {count}"));
        }
        if let Some(most) = limit(schema, "maxItems").filter(|most| count > *most) {
            let entries = if most == 1 { "entry" } else { "entries" };
            self.report(place, format!("{place} must have at most {most} {entries}, found {count}"));
        }
        let unique = schema.get("uniqueItems").and_then(Value::as_bool) == Some(true);
        for (index, item) in items.iter().enumerate() {
            let here = place.entry(index);
            if let Some(schema @ Value::Object(_)) = schema.get("items") {
                self.value(&here, schema, item);
            }
            let earlier = items.iter().take(index).position(|earlier| unique && same(earlier, item));
            if let Some(earlier) = earlier {
                let first = place.entry(earlier);
                self.report(&here, format!("{here} is the same as {first}; remove one of them"));
            }
        }
    }

    /// Reports a missing key in the words of Python's `jsonschema`, which users of Airbyte know and search for.
    fn missing(&mut self, place: &Place, name: &str, hint: &str) {
        let path = place.member(name).path;
        if self.problems.iter().any(|problem| problem.path == path) {
            return;
        }
        let parent = if place.path.is_empty() { String::new() } else { format!(" in {place}") };
        self.problems.push(Problem { path, text: format!("'{name}' is a required property{parent}{hint}") });
    }

    fn wrong_type(&mut self, place: &Place, types: &[&str], value: &Value) {
        let expected = list_of(types.iter().map(|name| noun_of_type(name).to_owned()), " or ");
        let wants_number = types.iter().any(|name| matches!(*name, "integer" | "number"));
        let found = match value {
            Value::String(text) if wants_number && text.trim().parse::<f64>().is_ok() => {
                format!("{}; remove the quotes", self.shown(place, value).unwrap_or(noun(value).to_owned()))
            }
            // Only a fraction where a whole number is expected comes here.
            Value::Number(_) if wants_number => self.shown(place, value).unwrap_or("a fraction".to_owned()),
            _ => noun(value).to_owned(),
        };
        self.report(place, format!("{place} must be {expected}, found {found}"));
    }

    fn report(&mut self, place: &Place, text: String) {
        let problem = Problem { path: place.path.clone(), text };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// `, found "x"`, or nothing where the value may not be shown.
    fn found(&self, place: &Place, value: &Value) -> String {
        self.shown(place, value).map(|text| format!(", found {text}")).unwrap_or_default()
    }

    /// The value as JSON, unless it is long or structured or holds a secret.
    fn shown(&self, place: &Place, value: &Value) -> Option<String> {
        const LONGEST: usize = 80;
        let text = match value {
            Value::Array(_) | Value::Object(_) => return Some(noun(value).to_owned()),
            Value::String(text) => text.clone(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        };
        if place.secret || self.secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret.as_str())) {
            return None;
        }
        let is_short = text.chars().nth(LONGEST).is_none();
        Some(if is_short { value.to_string() } else { "a long text".to_owned() })
    }
}

impl Place {
    fn member(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self { path: format!("{}{dot}{name}", self.path), secret: self.secret }
    }

    fn entry(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), secret: self.secret }
    }

    fn marked_by(&self, schema: &Value) -> Self {
        let marked = schema.get("airbyte_secret").and_then(Value::as_bool) == Some(true);
        Self { path: self.path.clone(), secret: self.secret || marked }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str("the configuration") } else { write!(f, "`{}`", self.path) }
    }
}

/// Whether an object must have the property `name`.
pub(super) fn is_required(schema: &Value, name: &str) -> bool {
    required(schema).any(|required| required == name)
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The types that a schema allows; none when it allows all.
fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match (name, value) {
        ("integer", Value::Number(number)) => number.as_f64().is_some_and(|number| number.fract() == 0.0),
        ("number", Value::Number(_))
        | ("string", Value::String(_))
        | ("boolean", Value::Bool(_))
        | ("array", Value::Array(_))
        | ("object", Value::Object(_))
        | ("null", Value::Null) => true,
        _ => false,
    }
}

/// Equality of JSON Schema: `1` and `1.0` are the same number.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => a == b || ((a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()),
        _ => one == other,
    }
}

fn limit(schema: &Value, keyword: &str) -> Option<u64> {
    schema.get(keyword).and_then(Value::as_u64)
}

fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn noun_of_type(name: &str) -> &str {
    match name {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

fn list_of(words: impl Iterator<Item = String>, separator: &str) -> String {
    words.collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests;
