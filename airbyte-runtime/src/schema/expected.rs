//! A schema as what a record is held against: the keys and types of each object, without building values.

use serde_json::Value;

use super::Reader;
use super::shape::{Others, Shape};
use crate::json::{elements, key_is, members};

/// What a schema says about the values at one place.
#[derive(Debug)]
pub(crate) struct Expected {
    /// The number of this place among those of the schema.
    pub(crate) place: usize,
    /// Where this is, as `user.login` or `labels[].name`; empty for the record.
    pub(crate) path: Box<str>,
    pub(crate) types: Types,
    members: Vec<(Box<str>, Expected)>,
    /// What the members are that no name is declared for; `None` if they are undeclared.
    others: Option<Box<Expected>>,
    /// Whether a member that is not declared is worth a word: an object of which nothing is declared may hold anything.
    is_closed: bool,
    items: Option<Box<Expected>>,
}

/// A set of JSON types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(u8);

/// What differs between a record and its schema.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Difference<'r> {
    /// A field that the schema does not declare, by its raw key.
    Undeclared(&'r [u8]),
    /// A value of a type, perhaps null, that the schema does not allow.
    Type,
}

impl Types {
    const NAMES: [(&'static str, Self); 7] = [
        ("null", Self::NULL),
        ("boolean", Self(2)),
        ("integer", Self::INTEGER),
        ("number", Self::NUMBER),
        ("string", Self(16)),
        ("array", Self(32)),
        ("object", Self(64)),
    ];
    const NULL: Self = Self(1);
    const INTEGER: Self = Self(4);
    const NUMBER: Self = Self(8);
    const ANY: Self = Self(127);

    /// The type of a raw value; a number without a fraction is an integer, however it is spelled.
    pub(crate) fn of(raw: &[u8]) -> Self {
        match raw.first() {
            Some(b'{') => Self(64),
            Some(b'[') => Self(32),
            Some(b'"') => Self(16),
            Some(b't' | b'f') => Self(2),
            Some(b'n') => Self::NULL,
            _ => match raw.iter().position(|byte| matches!(byte, b'.' | b'e' | b'E')) {
                None => Self::INTEGER,
                Some(at) if raw.iter().skip(at + 1).all(|byte| *byte == b'0') => Self::INTEGER,
                Some(_) => Self::NUMBER,
            },
        }
    }

    fn allows(self, found: Self) -> bool {
        self.0 & found.0 != 0
    }

    fn declared(shape: &Shape) -> Self {
        let Some(names) = &shape.types else { return Self::ANY };
        let mut types = if shape.null { Self::NULL } else { Self(0) };
        for (name, bit) in Self::NAMES {
            if names.contains(&name) {
                types.0 |= bit.0;
            }
        }
        if types.allows(Self::NUMBER) {
            types.0 |= Self::INTEGER.0;
        }
        types
    }
}

impl std::fmt::Display for Types {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let implied = |name: &str| name == "integer" && self.allows(Self::NUMBER);
        let names = Self::NAMES.into_iter().filter(|(name, bit)| self.allows(*bit) && !implied(name));
        for (at, (name, _)) in names.enumerate() {
            f.write_str(if at > 0 { " or " } else { "" })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl Expected {
    /// What a schema expects. `says_open` is whether `additionalProperties: true` is meant: in a schema that a type
    /// gives it is there for a field that takes the rest, in one that people wrote it is in all of them.
    pub(crate) fn of_schema(schema: &Value, says_open: bool) -> Self {
        let shape = Reader { root: schema, in_reference: false }.shape(schema);
        Compiler { says_open, places: 0 }.expected(&shape, String::new())
    }

    /// What is expected of a member; `None` if it is not declared.
    fn member(&self, key: &[u8]) -> Option<&Self> {
        let declared = match key {
            // Hardly any key has an escape, and bytes are compared faster.
            [b'"', name @ .., b'"'] if !name.contains(&b'\\') => {
                self.members.iter().find(|(known, _)| known.as_bytes() == name)
            }
            _ => self.members.iter().find(|(known, _)| key_is(key, known)),
        };
        declared.map(|(_, expected)| expected).or(self.others.as_deref())
    }

    /// Tells every difference between a raw value and the schema, and the type that was found.
    ///
    /// # Errors
    /// Those of `tell`, with which the walk ends.
    pub(crate) fn compare<'e, 'r, E>(
        &'e self,
        raw: &'r [u8],
        tell: &mut impl FnMut(&'e Self, Difference<'r>, Types) -> Result<(), E>,
    ) -> Result<(), E> {
        let found = Types::of(raw);
        if !self.types.allows(found) {
            return tell(self, Difference::Type, found);
        }
        if self.looks_into_objects() {
            for (key, value) in members(raw) {
                match self.member(key) {
                    Some(expected) => expected.compare(value, tell)?,
                    None if self.is_closed => tell(self, Difference::Undeclared(key), Types::of(value))?,
                    None => {}
                }
            }
        }
        if let Some(items) = &self.items {
            elements(raw).try_for_each(|item| items.compare(item, tell))?;
        }
        Ok(())
    }

    /// Copies a raw value without the fields that are not declared.
    pub(crate) fn copy_declared(&self, raw: &[u8], out: &mut Vec<u8>) {
        match raw.first() {
            Some(b'{') if self.looks_into_objects() => {
                out.push(b'{');
                let mut is_first = true;
                for (key, value) in members(raw) {
                    let expected = self.member(key);
                    if expected.is_none() && self.is_closed {
                        continue;
                    }
                    if !std::mem::take(&mut is_first) {
                        out.push(b',');
                    }
                    out.extend_from_slice(key);
                    out.push(b':');
                    match expected {
                        Some(expected) => expected.copy_declared(value, out),
                        None => out.extend_from_slice(value),
                    }
                }
                out.push(b'}');
            }
            Some(b'[') if let Some(items) = &self.items => {
                out.push(b'[');
                for (at, item) in elements(raw).enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    items.copy_declared(item, out);
                }
                out.push(b']');
            }
            _ => out.extend_from_slice(raw),
        }
    }

    fn looks_into_objects(&self) -> bool {
        !self.members.is_empty() || self.others.is_some()
    }
}

/// Makes what is expected of a shape.
struct Compiler {
    says_open: bool,
    /// The places so far.
    places: usize,
}

impl Compiler {
    fn expected(&mut self, shape: &Shape, path: String) -> Expected {
        let place = self.places;
        self.places += 1;
        let members = shape.properties.iter();
        let members: Vec<_> = members
            .map(|(name, shape)| (Box::from(name.as_str()), self.expected(shape, joined(&path, name))))
            .collect();
        let others = match &shape.others {
            Others::Like(shape) => Some(Box::new(self.expected(shape, joined(&path, "*")))),
            Others::Unsaid | Others::Allowed => None,
        };
        let is_open = self.says_open && matches!(shape.others, Others::Allowed);
        Expected {
            place,
            types: Types::declared(shape),
            is_closed: !members.is_empty() && !is_open,
            items: shape.items.as_ref().map(|items| Box::new(self.expected(items, format!("{path}[]")))),
            members,
            others,
            path: path.into(),
        }
    }
}

/// The path of a member.
pub(crate) fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use serde_json::json;

    use super::*;

    fn differences(schema: &Value, says_open: bool, record: &str) -> Vec<String> {
        let expected = Expected::of_schema(schema, says_open);
        let mut found = Vec::new();
        let Ok(()) = expected.compare(record.as_bytes(), &mut |at, difference, is| {
            found.push(match difference {
                Difference::Undeclared(key) => format!("{}+{}:{is}", at.path, String::from_utf8_lossy(key)),
                Difference::Type => format!("{}:{}!{is}", at.path, at.types),
            });
            Ok::<_, Infallible>(())
        });
        found
    }

    #[test]
    fn fields_nulls_and_types_are_told_apart() {
        let schema = json!({
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "score": {"type": ["null", "number"]},
                "user": {"type": ["null", "object"], "properties": {"login": {"type": "string"}}},
                "labels": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
                "any": {},
                "free": {"type": "object"},
                "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
                "word": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "\"q\\": {"type": "boolean"},
            },
        });
        let sound = r#"{"id": 1.0, "score": 5, "user": null, "labels": [{"name": "a"}], "any": null, "free": {"x": 1},
            "counts": {"a": 1}, "word": null, "\"q\\": true, "\u0069d": 2}"#;
        assert_eq!(differences(&schema, false, sound), [""; 0]);
        let odd = r#"{"id": 1.5, "score": "5", "user": {"login": null, "site": "s"}, "labels": [{"name": "a"}, {"n": 1}, 3],
            "counts": {"a": true}, "word": {}, "extra": [], "labels2": null}"#;
        assert_eq!(
            differences(&schema, false, odd),
            [
                "id:integer!number",
                "score:null or number!string",
                "user.login:string!null",
                "user+\"site\":string",
                "labels[]+\"n\":integer",
                "labels[]:object!integer",
                "counts.*:integer!boolean",
                "word:null or string!object",
                "+\"extra\":array",
                "+\"labels2\":null",
            ]
        );
    }

    #[test]
    fn an_open_object_is_open_where_that_is_meant() {
        let schema = json!({"type": "object", "properties": {"id": {}}, "additionalProperties": true});
        assert_eq!(differences(&schema, true, r#"{"x": 1}"#), [""; 0]);
        assert_eq!(differences(&schema, false, r#"{"x": 1}"#), ["+\"x\":integer"]);
        let closed = json!({"type": "object", "properties": {"id": {}}, "additionalProperties": false});
        assert_eq!(differences(&closed, true, r#"{"x": 1}"#), ["+\"x\":integer"]);
        let nothing = json!({"type": "object", "properties": {}});
        assert_eq!(differences(&nothing, false, r#"{"x": 1}"#), [""; 0]);
    }

    #[test]
    fn what_is_not_declared_is_left_out_as_bytes() {
        let schema = json!({
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "user": {"type": "object", "properties": {"login": {"type": "string"}}},
                "labels": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
                "free": {"type": "object"},
            },
        });
        let raw = r#"{"x":1,"id":1.50,"user":{"a":1,"login":"l","b":2},"labels":[{"name":"a","c":1},{"c":1},7],"free":{"z":1},"y":{}}"#;
        let mut out = Vec::new();
        Expected::of_schema(&schema, false).copy_declared(raw.as_bytes(), &mut out);
        let expected = r#"{"id":1.50,"user":{"login":"l"},"labels":[{"name":"a"},{},7],"free":{"z":1}}"#;
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}
