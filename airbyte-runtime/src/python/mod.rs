//! Python's values, as Airbyte's templates produce them: what they are called, how they print, how they are written.

mod literal;
mod number;
mod print;
#[cfg(test)]
mod tests;
mod text;

use serde_json::Value as Json;

#[cfg(feature = "manifest")]
pub(crate) use literal::parse as parse_literal;
#[cfg(feature = "manifest")]
pub(crate) use print::{push_float, push_repr};

/// A value as a template yields it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PyValue {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer; one that needs more than 128 bits stays text.
    Int(i128),
    /// A float, which may be `inf`.
    Float(f64),
    /// Text.
    Str(String),
    /// `b'…'`.
    Bytes(Vec<u8>),
    /// `[…]`.
    List(Vec<PyValue>),
    /// `(…)`.
    Tuple(Vec<PyValue>),
    /// `{…}` without keys, in the order of writing.
    Set(Vec<PyValue>),
    /// `{…: …}`, in the order of writing.
    Dict(Vec<(PyValue, PyValue)>),
    /// `...`.
    Ellipsis,
}

/// Python's truth of a JSON value.
pub(crate) fn is_truthy(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(members) => !members.is_empty(),
    }
}

impl PyValue {
    /// JSON as Python's parser reads it.
    pub(crate) fn from_json(value: &Json) -> Self {
        match value {
            Json::Null => Self::None,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match (number.as_i128(), number.as_f64()) {
                (Some(integer), _) => Self::Int(integer),
                (None, Some(float)) => Self::Float(float),
                (None, None) => Self::Str(number.to_string()),
            },
            Json::String(text) => Self::Str(text.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Json::Object(members) => Self::Dict(
                members.iter().map(|(key, value)| (Self::Str(key.clone()), Self::from_json(value))).collect(),
            ),
        }
    }

    /// The value as JSON; tuples become lists, keys become text as Python's `json` writes them.
    ///
    /// `None` for what JSON cannot hold: bytes, sets, `...`, floats that are not finite, integers above 64 bits,
    /// and tuples as keys.
    pub(crate) fn to_json(&self) -> Option<Json> {
        Some(match self {
            Self::None => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => Json::from(value),
                (Err(_), Ok(value)) => Json::from(value),
                (Err(_), Err(_)) => return None,
            },
            Self::Float(value) => Json::Number(serde_json::Number::from_f64(*value)?),
            Self::Str(text) => Json::String(text.clone()),
            Self::List(items) | Self::Tuple(items) => {
                Json::Array(items.iter().map(Self::to_json).collect::<Option<_>>()?)
            }
            Self::Dict(members) => Json::Object(
                members
                    .iter()
                    .map(|(key, value)| Some((key.to_json_key()?, value.to_json()?)))
                    .collect::<Option<_>>()?,
            ),
            Self::Bytes(_) | Self::Set(_) | Self::Ellipsis => return None,
        })
    }

    fn to_json_key(&self) -> Option<String> {
        Some(match self {
            Self::Str(text) => text.clone(),
            Self::None => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(_) | Self::Float(_) => self.repr(),
            _ => return None,
        })
    }

    /// Python's `repr`.
    pub(crate) fn repr(&self) -> String {
        let mut out = String::new();
        print::push_value(self, &mut out);
        out
    }

    /// Python's `str`.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Str(text) => text.clone(),
            other => other.repr(),
        }
    }

    /// Python's truth.
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => !items.is_empty(),
            Self::Dict(members) => !members.is_empty(),
            Self::Ellipsis => true,
        }
    }

    /// Whether it may be a key or a member of a set.
    fn is_hashable(&self) -> bool {
        match self {
            Self::List(_) | Self::Set(_) | Self::Dict(_) => false,
            Self::Tuple(items) => items.iter().all(Self::is_hashable),
            _ => true,
        }
    }
}
