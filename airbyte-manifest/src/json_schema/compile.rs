//! A schema's text made ready: every keyword checked, every `$ref` followed to its place.

use std::collections::HashMap;

use regex_lite::Regex;
use serde_json::{Map, Number, Value};

use super::{
    ArrayRules, Condition, Dependency, Form, Items, Keywords, NumberLimits, ObjectRules, Slot, TextLimits, Type,
};

/// The forms of a schema and of all that it reaches; its own is the first.
pub(super) fn compile(root: &Value) -> Result<Vec<Form>, String> {
    let mut compiler = Compiler { root, slots: HashMap::new(), pending: Vec::new(), count: 0 };
    compiler.slot(root, String::new());
    let mut forms = Vec::new();
    // No recursion: a schema may be as deep as it likes.
    while let Some((slot, value, path)) = compiler.pending.pop() {
        let form = compiler.form(value, path)?;
        if forms.len() <= slot {
            forms.resize(slot + 1, Form::Always);
        }
        if let Some(place) = forms.get_mut(slot) {
            *place = form;
        }
    }
    Ok(forms)
}

struct Compiler<'a> {
    root: &'a Value,
    /// The slot of each schema by its address.
    slots: HashMap<usize, Slot>,
    pending: Vec<(Slot, &'a Value, String)>,
    count: usize,
}

type Object = Map<String, Value>;

impl<'a> Compiler<'a> {
    /// The slot of a schema that stands at a path; it is compiled later.
    fn slot(&mut self, value: &'a Value, path: String) -> Slot {
        let address = std::ptr::from_ref(value).addr();
        if let Some(slot) = self.slots.get(&address) {
            return *slot;
        }
        let slot = self.count;
        self.count += 1;
        self.slots.insert(address, slot);
        self.pending.push((slot, value, path));
        slot
    }

    fn form(&mut self, value: &'a Value, path: String) -> Result<Form, String> {
        let object = match value {
            Value::Bool(true) => return Ok(Form::Always),
            Value::Bool(false) => return Ok(Form::Never),
            Value::Object(object) => object,
            _ => return Err(wrong(&path, "a schema is a mapping, true or false")),
        };
        if let Some(reference) = object.get("$ref") {
            let reference = reference.as_str().ok_or_else(|| wrong(&path, "`$ref` is a text"))?;
            return Ok(match self.target(reference) {
                Some(target) => Form::Reference(self.slot(target, reference.trim_start_matches('#').to_owned())),
                None => Form::Dangling(reference.to_owned()),
            });
        }
        let schema = Place { object, path };
        let condition = schema.object.get("if").map(|test| Condition {
            test: self.slot(test, schema.inside("if")),
            then: self.one(&schema, "then"),
            otherwise: self.one(&schema, "else"),
        });
        let keywords = Keywords {
            types: schema.types()?,
            one_of_values: schema.list("enum")?.map(<[Value]>::to_vec),
            constant: object.get("const").cloned(),
            number: schema.number_limits()?,
            text: schema.text_limits()?,
            object: self.object_rules(&schema)?,
            array: self.array_rules(&schema)?,
            all_of: self.many(&schema, "allOf")?.unwrap_or_default(),
            any_of: self.many(&schema, "anyOf")?,
            one_of: self.many(&schema, "oneOf")?,
            not: self.one(&schema, "not"),
            condition,
        };
        Ok(Form::Keywords(Box::new(keywords)))
    }

    /// What a `$ref` within the document points to.
    fn target(&self, reference: &str) -> Option<&'a Value> {
        let pointer = reference.strip_prefix('#')?;
        self.root.pointer(&unescape(pointer))
    }

    fn one(&mut self, schema: &Place<'a>, key: &str) -> Option<Slot> {
        let value = schema.object.get(key)?;
        Some(self.slot(value, schema.inside(key)))
    }

    fn many(&mut self, schema: &Place<'a>, key: &str) -> Result<Option<Vec<Slot>>, String> {
        let Some(items) = schema.list(key)? else { return Ok(None) };
        if items.is_empty() {
            return Err(schema.wrong(key, "is a list with at least one schema"));
        }
        let path = schema.inside(key);
        Ok(Some(items.iter().enumerate().map(|(at, item)| self.slot(item, format!("{path}/{at}"))).collect()))
    }

    fn object_rules(&mut self, schema: &Place<'a>) -> Result<ObjectRules, String> {
        let mut rules = ObjectRules {
            required: schema.texts("required")?,
            additional: self.one(schema, "additionalProperties"),
            names: self.one(schema, "propertyNames"),
            fewest: schema.count("minProperties")?,
            most: schema.count("maxProperties")?,
            ..ObjectRules::default()
        };
        for (key, value) in schema.mapping("properties")? {
            let slot = self.slot(value, format!("{}/{key}", schema.inside("properties")));
            rules.properties.push((key.clone(), slot));
            rules.index.insert(key.clone(), slot);
        }
        for (key, value) in schema.mapping("patternProperties")? {
            let slot = self.slot(value, format!("{}/{key}", schema.inside("patternProperties")));
            match Regex::new(key) {
                Ok(pattern) => rules.patterns.push((pattern, slot)),
                Err(_) => rules.has_unknown_pattern = true,
            }
        }
        for (key, value) in schema.mapping("dependencies")? {
            let dependency = match value {
                Value::Array(keys) => Dependency::Keys(
                    strings(keys).ok_or_else(|| schema.wrong("dependencies", "holds lists of keys, and schemas"))?,
                ),
                _ => Dependency::Schema(self.slot(value, format!("{}/{key}", schema.inside("dependencies")))),
            };
            rules.dependencies.push((key.clone(), dependency));
        }
        Ok(rules)
    }

    fn array_rules(&mut self, schema: &Place<'a>) -> Result<ArrayRules, String> {
        let items = match schema.object.get("items") {
            None => Items::Any,
            Some(Value::Array(items)) => {
                let path = schema.inside("items");
                let slots = items.iter().enumerate().map(|(at, item)| self.slot(item, format!("{path}/{at}")));
                Items::Each(slots.collect())
            }
            Some(item) => Items::All(self.slot(item, schema.inside("items"))),
        };
        let unique = match schema.object.get("uniqueItems") {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => return Err(schema.wrong("uniqueItems", "is true or false")),
        };
        Ok(ArrayRules {
            items,
            additional: self.one(schema, "additionalItems"),
            contains: self.one(schema, "contains"),
            fewest: schema.count("minItems")?,
            most: schema.count("maxItems")?,
            unique,
        })
    }
}

/// A schema and where it stands.
struct Place<'a> {
    object: &'a Object,
    path: String,
}

impl Place<'_> {
    fn inside(&self, key: &str) -> String {
        format!("{}/{key}", self.path)
    }

    fn wrong(&self, key: &str, rule: &str) -> String {
        wrong(&self.path, &format!("`{key}` {rule}"))
    }
}

impl<'a> Place<'a> {
    fn types(&self) -> Result<Option<Vec<Type>>, String> {
        let named = |value: &Value| {
            value.as_str().and_then(Type::named).ok_or_else(|| {
                self.wrong(
                    "type",
                    "is one of null, boolean, integer, number, string, array and object, or a list of them",
                )
            })
        };
        match self.object.get("type") {
            None => Ok(None),
            Some(Value::Array(names)) => names.iter().map(named).collect::<Result<_, _>>().map(Some),
            Some(name) => named(name).map(|name| Some(vec![name])),
        }
    }

    fn number_limits(&self) -> Result<NumberLimits, String> {
        let multiple_of = self.number("multipleOf")?;
        if multiple_of.as_ref().and_then(Number::as_f64).is_some_and(|number| number <= 0.0) {
            return Err(self.wrong("multipleOf", "is a number above 0"));
        }
        Ok(NumberLimits {
            minimum: self.number("minimum")?,
            maximum: self.number("maximum")?,
            above: self.number("exclusiveMinimum")?,
            below: self.number("exclusiveMaximum")?,
            multiple_of,
        })
    }

    fn text_limits(&self) -> Result<TextLimits, String> {
        let pattern = match self.object.get("pattern") {
            None => None,
            // What only another engine understands is not asserted.
            Some(Value::String(text)) => Regex::new(text).ok().map(|pattern| (pattern, text.clone())),
            Some(_) => return Err(self.wrong("pattern", "is a text")),
        };
        Ok(TextLimits { shortest: self.count("minLength")?, longest: self.count("maxLength")?, pattern })
    }

    fn number(&self, key: &str) -> Result<Option<Number>, String> {
        match self.object.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number.clone())),
            Some(_) => Err(self.wrong(key, "is a number")),
        }
    }

    fn count(&self, key: &str) -> Result<Option<u64>, String> {
        let Some(number) = self.number(key)? else { return Ok(None) };
        let whole = number.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0);
        let count = number.as_u64().or(whole.map(|number| number as u64));
        count.map(Some).ok_or_else(|| self.wrong(key, "is a whole number from 0"))
    }

    fn list(&self, key: &str) -> Result<Option<&'a [Value]>, String> {
        match self.object.get(key) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.wrong(key, "is a list")),
        }
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let Some(items) = self.list(key)? else { return Ok(Vec::new()) };
        strings(items).ok_or_else(|| self.wrong(key, "is a list of keys"))
    }

    fn mapping(&self, key: &str) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, String> {
        match self.object.get(key) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(self.wrong(key, "is a mapping")),
        }
        .map(|object| object.into_iter().flatten())
    }
}

impl Type {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }
}

fn wrong(path: &str, rule: &str) -> String {
    match path {
        "" => format!("the schema is not valid: {rule}"),
        path => format!("the schema is not valid at `{path}`: {rule}"),
    }
}

fn strings(items: &[Value]) -> Option<Vec<String>> {
    items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

/// `%25` and its like in the fragment of a URL.
fn unescape(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| fragment.to_owned())
}
