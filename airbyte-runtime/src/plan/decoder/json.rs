//! A body that is one JSON document.

use std::fmt;
use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::build::{Nothing, Values};
use super::http_text::charset_parameter;
use super::parser::{Fault, Numbers, Parser};
use super::{Body, Emit};
use crate::error::{Error, Result};

/// The elements of a body that came over HTTP. One that is not JSON, or that has no elements, is one `{}`.
///
/// # Errors
/// A body that begins or ends as JSON does and is none: something happened to it on its way. So it is with a page of HTML, by
/// which proxies say that they are busy. The Python CDK reads both as `{}`, and so as the last page: the rest is lost.
pub(super) fn lenient(body: Body<'_>, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
    let found = match elements(body.bytes, emit) {
        Ok(found) => found,
        Err(problem) if is_garbled(body) => {
            return Err(Error::transient(format!("the API's answer cannot be read: {problem}")));
        }
        Err(problem) => {
            tracing::warn!("the body of an answer is read as an empty object: {problem}");
            Found::None
        }
    };
    Ok(match found {
        Found::Some(flow) => flow,
        Found::None | Found::Null => emit(Value::Object(Map::new())),
    })
}

/// Whether a body that is no JSON was meant to be some, or is a page of HTML. JSON that says that it is no UTF-8 is as the
/// API wants it.
fn is_garbled(body: Body<'_>) -> bool {
    let charset = body.content_type.and_then(charset_parameter);
    let is_utf8 = charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8"));
    let body = body.bytes.trim_ascii();
    match (body.first(), body.last()) {
        (Some(b'<'), _) | (_, Some(b'>')) => true,
        (Some(b'{' | b'['), _) | (_, Some(b'}' | b']')) => is_utf8,
        _ => false,
    }
}

/// The elements of a document inside of an archive.
///
/// # Errors
/// A document that is not JSON, or that is `null`.
pub(super) fn strict(document: &[u8], emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
    match elements(document, emit) {
        Ok(Found::Some(flow)) => Ok(flow),
        Ok(Found::None) => Ok(ControlFlow::Continue(())),
        Ok(Found::Null) => Err(Error::system("the compressed document is `null`, which holds no records")),
        Err(problem) => Err(Error::system(format!("the compressed document cannot be read: {problem}"))),
    }
}

enum Found {
    Some(ControlFlow<()>),
    /// An empty array.
    None,
    Null,
}

enum Problem {
    Empty,
    Encoding(usize),
    Syntax(Fault),
}

/// Hands the elements over, but only if the whole document is JSON.
fn elements(document: &[u8], emit: &mut Emit<'_>) -> Result<Found, Problem> {
    if document.is_empty() {
        return Err(Problem::Empty);
    }
    std::str::from_utf8(document).map_err(|error| Problem::Encoding(error.valid_up_to()))?;
    if document.trim_ascii_start().first() != Some(&b'[') {
        return Ok(match parser(document).document::<Values>()? {
            Value::Null => Found::Null,
            value => Found::Some(emit(value)),
        });
    }
    // An array is read twice: all of it is checked before its first element leaves, and its values are never all held.
    parser(document).document::<Nothing>()?;
    let mut found = Found::None;
    let _ = parser(document).each_element(|parser| {
        let flow = emit(parser.value::<Values>()?);
        found = Found::Some(flow);
        Ok(flow)
    })?;
    Ok(found)
}

fn parser(document: &[u8]) -> Parser<&[u8]> {
    Parser::new(document, Numbers::Python)
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Syntax(fault)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::Encoding(offset) => write!(f, "it is not UTF-8 at byte {offset}"),
            Self::Syntax(fault) => write!(f, "it is not JSON: {fault}"),
        }
    }
}
