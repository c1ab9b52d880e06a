//! Rows of comma-separated values as JSON, with values of the types that the stream's columns have.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::ops::ControlFlow;

use serde_json::Value;

use super::csv::{CsvOptions, rows};
use super::text::string;
use crate::error::{Error, Result};

/// The types of a stream's columns, by their names; the values of any other column are texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns(HashMap<String, Type>);

/// What a text in a column of this type becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Integer,
    Number,
    Boolean,
    /// An array, an object, or anything: JSON where the text is JSON.
    Json,
}

impl Columns {
    /// The columns of a schema.
    pub(crate) fn of(schema: &Value) -> Self {
        let properties = schema.get("properties").and_then(Value::as_object);
        let columns = properties.into_iter().flatten();
        Self(columns.filter_map(|(name, schema)| Some((name.clone(), Type::of(schema)?))).collect())
    }
}

impl Type {
    /// The type that a column's schema asks for; `None` for a text.
    fn of(schema: &Value) -> Option<Self> {
        let names: Vec<&str> = match schema.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let has = |name| names.contains(&name);
        match () {
            () if has("string") => None,
            () if has("number") => Some(Self::Number),
            () if has("integer") => Some(Self::Integer),
            () if has("boolean") => Some(Self::Boolean),
            () => Some(Self::Json),
        }
    }

    /// Writes a text as a value of this type. Returns false if the text is none.
    fn write(self, text: &str, out: &mut Vec<u8>) -> Result<bool> {
        let trimmed = text.trim();
        match self {
            // An empty place in a table is the absence of a value.
            _ if trimmed.is_empty() => out.extend_from_slice(b"null"),
            Self::Integer => match trimmed.parse::<i128>() {
                Ok(number) => out.extend_from_slice(number.to_string().as_bytes()),
                Err(_) => return Ok(false),
            },
            Self::Number if is_json_number(trimmed) => out.extend_from_slice(trimmed.as_bytes()),
            Self::Number => match trimmed.parse::<f64>().ok().filter(|number| number.is_finite()) {
                Some(number) => out.extend_from_slice(Value::from(number).to_string().as_bytes()),
                None => return Ok(false),
            },
            Self::Boolean => match trimmed {
                "1" => out.extend_from_slice(b"true"),
                "0" => out.extend_from_slice(b"false"),
                word if word.eq_ignore_ascii_case("true") => out.extend_from_slice(b"true"),
                word if word.eq_ignore_ascii_case("false") => out.extend_from_slice(b"false"),
                _ => return Ok(false),
            },
            Self::Json => match serde_json::from_str::<serde::de::IgnoredAny>(trimmed) {
                Ok(_) => out.extend_from_slice(trimmed.as_bytes()),
                Err(_) => return Ok(false),
            },
        }
        Ok(true)
    }
}

/// Whether JSON writes a number so.
fn is_json_number(text: &str) -> bool {
    let starts = text.strip_prefix('-').unwrap_or(text);
    starts.starts_with(|first: char| first.is_ascii_digit())
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

/// Writes every row as an object on a line of its own: under the names of the header, the values that the row has.
///
/// A short row has nulls for the rest; values without a name are left out.
///
/// # Errors
/// See [`rows`]; and what the writer says.
pub(super) fn write(source: &mut dyn Read, options: &CsvOptions, out: &mut dyn Write) -> Result<()> {
    let mut line = Vec::new();
    // The header as it stands before each value, with the type that the value gets.
    let mut keys: Vec<(Vec<u8>, Option<Type>)> = Vec::new();
    let _: ControlFlow<()> = rows(source, options, &mut |header, row| {
        if keys.is_empty() {
            for (at, name) in header.iter().enumerate() {
                // What some programs put before a text is no part of the first name.
                let name = if at == 0 { name.trim_start_matches('\u{feff}') } else { name };
                let mut key = vec![if at == 0 { b'{' } else { b',' }];
                string(name, &mut key)?;
                key.push(b':');
                keys.push((key, options.columns.0.get(name).copied()));
            }
        }
        line.clear();
        let mut values = row.iter();
        for (key, column) in &keys {
            line.extend_from_slice(key);
            match values.next().filter(|value| !options.is_none(value)) {
                None => line.extend_from_slice(b"null"),
                Some(value) => {
                    let is_written = match column {
                        Some(column) => column.write(value, &mut line)?,
                        None => false,
                    };
                    if !is_written {
                        string(value, &mut line)?;
                    }
                }
            }
        }
        if keys.is_empty() {
            line.push(b'{');
        }
        line.extend_from_slice(b"}\n");
        out.write_all(&line).map_err(Error::of_body)?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
}
