//! Reads the query and the body of a request, and refuses what is wrong with them.

use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use crate::data;

/// An answer that refuses the request.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn invalid(name: &str, message: impl std::fmt::Display) -> Self {
        Self::new(400, "invalid_parameter", format!("{name} {message}"))
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        Self::json(refusal.status, &json!({ "error": { "code": refusal.code, "message": refusal.message } }))
    }
}

/// A whole number that a query parameter may set.
pub(crate) struct Number {
    pub(crate) name: &'static str,
    pub(crate) default: usize,
    pub(crate) min: usize,
    /// A larger number is lowered to this one without a word, as most APIs do.
    pub(crate) max: usize,
}

impl Number {
    pub(crate) fn page_size(name: &'static str, default: usize, max: usize) -> Self {
        Self { name, default, min: 1, max }
    }

    pub(crate) fn page() -> Self {
        Self { name: "page", default: 1, min: 1, max: usize::MAX }
    }

    pub(crate) fn offset(name: &'static str) -> Self {
        Self { name, default: 0, min: 0, max: usize::MAX }
    }

    pub(crate) fn of_query(&self, request: &Request) -> Result<usize, Refusal> {
        let Some(text) = request.query_param(self.name) else { return Ok(self.default) };
        self.checked(text.parse().ok(), &text)
    }

    /// Reads the member of a JSON object.
    pub(crate) fn of_json(&self, object: &Value) -> Result<usize, Refusal> {
        match object.get(self.name) {
            None | Some(Value::Null) => Ok(self.default),
            Some(value) => self.checked(value.as_u64().and_then(|number| usize::try_from(number).ok()), value),
        }
    }

    fn checked(&self, number: Option<usize>, given: &dyn std::fmt::Display) -> Result<usize, Refusal> {
        match number {
            Some(number) if number >= self.min => Ok(number.min(self.max)),
            _ => Err(Refusal::invalid(
                self.name,
                format_args!("has to be a whole number from {}, not {given}", self.min),
            )),
        }
    }
}

/// A bound in RFC 3339 as nanoseconds since 1970.
pub(crate) fn instant_bound(request: &Request, name: &str) -> Result<Option<i128>, Refusal> {
    let Some(text) = request.query_param(name) else { return Ok(None) };
    match data::parse_instant(text) {
        Some(at) => Ok(Some(at.as_nanosecond())),
        None => {
            Err(Refusal::invalid(name, format_args!("has to be like 2024-01-01T00:00:00Z or 2024-01-01, not {text}")))
        }
    }
}

/// A bound in milliseconds since 1970.
pub(crate) fn millisecond_bound(request: &Request, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = request.query_param(name) else { return Ok(None) };
    let number = text
        .parse()
        .map_err(|_| Refusal::invalid(name, format_args!("has to be milliseconds since 1970, not {text}")))?;
    Ok(Some(number))
}

/// The body, which has to be a JSON object.
pub(crate) fn json_object(request: &Request) -> Result<Value, Refusal> {
    request
        .json()
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| Refusal::new(400, "invalid_body", "the body has to be a JSON object"))
}
