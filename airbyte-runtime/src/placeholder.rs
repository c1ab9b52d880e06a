//! The syntax of templates: text with `{root.path}` placeholders.

use std::borrow::Cow;

use serde_json::Value;

use crate::error::{Error, Result};

/// A part of a template.
pub(crate) enum Piece<'t> {
    Text(String),
    Placeholder { root: &'t str, path: String },
}

/// Cuts a template at its placeholders; `{{` and `}}` stand for braces.
///
/// # Errors
/// A brace without its partner is a system error.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            literal.push_str(brace);
            rest = after;
            continue;
        }
        let inside = (brace == "{").then(|| rest.split_once('}')).flatten();
        let Some((inside, after)) = inside else {
            return Err(Error::system(format!("a brace has no partner in the template `{text}`")));
        };
        let name = inside.split('|').next().unwrap_or(inside);
        let (root, path) = name.split_once('.').unwrap_or((name, ""));
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        pieces.push(Piece::Placeholder { root, path: path.to_owned() });
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

/// The items of a list as one text; a value that is no list stands alone.
pub(crate) fn joined(value: &Value, separator: &str) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter(|item| !item.is_null()).map(as_text).collect();
            items.join(separator)
        }
        single => as_text(single).into_owned(),
    }
}

/// A value inside a text: strings as they are, anything else as JSON.
pub(crate) fn as_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}
