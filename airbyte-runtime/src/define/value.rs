//! A JSON value that can stand in a const: what an attribute's `{ key = value }` and literals become.

/// A value written in an attribute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// `null`: the key is left out of a query or a header, and sent as `null` in a JSON body.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Number(f64),
    /// A text with placeholders, such as `"{config.region}"`.
    Template(&'static str),
    /// A text that is sent as it stands, braces included.
    Raw(&'static str),
    /// `[a, b]`: a repeated parameter in a query, an array in a JSON body.
    List(&'static [Value]),
    /// `joined([a, b], ",")`: the items as one text.
    Joined(&'static Value, &'static str),
    /// `{ key = value }`: an object in a JSON body.
    Map(Map),
}

/// Keys and values in the order in which they were written.
pub type Map = &'static [(&'static str, Value)];

impl Value {
    /// The value as JSON, with templates as plain text.
    pub(crate) fn to_json(self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => value.into(),
            Self::Integer(value) => value.into(),
            Self::Number(value) => value.into(),
            Self::Template(text) | Self::Raw(text) => text.into(),
            Self::List(items) => items.iter().map(|item| item.to_json()).collect(),
            Self::Joined(items, separator) => crate::placeholder::joined(&items.to_json(), separator).into(),
            Self::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|(key, value)| ((*key).to_owned(), value.to_json())).collect(),
            ),
        }
    }
}
