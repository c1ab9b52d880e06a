//! The conversion of one value.

use serde_json::{Number, Value};

use crate::plan::dpath::python_int;
use crate::python::PyValue;

/// Converts a value to the one type besides `null` that its schema names, if it can be.
pub(super) fn convert(value: &mut Value, schema: &Value) {
    let types = schema.get("type");
    let name = match types {
        Some(Value::String(name)) => name.as_str(),
        Some(Value::Array(names)) => {
            let mut others = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            match (others.next(), others.next()) {
                (Some(only), None) => only,
                _ => return,
            }
        }
        _ => return,
    };
    let allows_null = matches!(types, Some(Value::Array(names)) if names.iter().any(|name| name == "null"));
    if value.is_null() && (allows_null || name == "null") {
        return;
    }
    let converted = match name {
        "string" if !value.is_string() => Some(Value::String(PyValue::from_json(value).to_text())),
        "number" => to_float(value),
        "integer" => to_integer(value),
        "boolean" => to_boolean(value),
        "array" if wraps(schema) && !value.is_object() && !value.is_array() => {
            Some(Value::Array(vec![std::mem::take(value)]))
        }
        _ => None,
    };
    if let Some(converted) = converted {
        *value = converted;
    }
}

fn to_float(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => python_float(text)?,
        _ => return None,
    };
    // Infinity and NaN are written as null.
    Some(Number::from_f64(number).map_or(Value::Null, Value::Number))
}

/// Whole numbers beyond 64 bits stay as they are.
fn to_integer(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Bool(flag) => i128::from(*flag),
        Value::Number(number) if number.is_f64() => number.as_f64().filter(|float| float.abs() < 1e20)?.trunc() as i128,
        Value::String(text) => python_int(text)?,
        _ => return None,
    };
    Number::from_i128(number).map(Value::Number)
}

fn to_boolean(value: &Value) -> Option<Value> {
    let flag = match value {
        Value::String(text) => match text.to_lowercase().trim() {
            "y" | "yes" | "t" | "true" | "on" | "1" => true,
            "n" | "no" | "f" | "false" | "off" | "0" => false,
            _ => return None,
        },
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
    };
    Some(Value::Bool(flag))
}

/// Whether a single value becomes a list: where the items have no type, or a list of simple ones.
fn wraps(schema: &Value) -> bool {
    match schema.get("items") {
        None => true,
        Some(Value::Object(items)) => match items.get("type") {
            None => true,
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).all(is_simple),
            Some(_) => false,
        },
        Some(_) => false,
    }
}

fn is_simple(name: &str) -> bool {
    matches!(name, "string" | "number" | "integer" | "boolean" | "null")
}

/// Whether a value is of a type of JSON schema; 1.0 is an integer.
pub(super) fn is_of_type(value: &Value, name: &str) -> bool {
    match (name, value) {
        ("string", Value::String(_))
        | ("number", Value::Number(_))
        | ("boolean", Value::Bool(_))
        | ("null", Value::Null)
        | ("array", Value::Array(_))
        | ("object", Value::Object(_)) => true,
        ("integer", Value::Number(number)) => {
            !number.is_f64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
        }
        _ => false,
    }
}

/// The number that Python's `float` reads from a text.
fn python_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let bytes = text.as_bytes();
    // Underscores may stand between digits only.
    let misplaced = bytes.iter().enumerate().any(|(at, byte)| {
        let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        *byte == b'_' && !(is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)))
    });
    if misplaced {
        return None;
    }
    text.replace('_', "").parse().ok()
}
