//! Filters about numbers.

use minijinja::Value;

use crate::jinja::arguments::Arguments;
use crate::jinja::objects::{View, class, integer, view};
use crate::jinja::operators::{negative, too_large};
use crate::jinja::raise::{Raise, Step};
use crate::python::{self, PyValue};

pub(super) fn abs(arguments: Arguments) -> Step<Value> {
    let value = arguments.single("abs")?;
    match view(&value) {
        View::Int(number) if number >= 0 => Ok(value),
        View::Bool(number) => Ok(Value::from(i64::from(number))),
        View::Float(number) => Ok(Value::from(number.abs())),
        View::Int(_) => negative(&value),
        _ => Err(Raise::Type(format!("bad operand type for abs(): '{}'", class(&value)))),
    }
}

/// Jinja's `int`: what cannot be read is the default.
pub(super) fn int(arguments: Arguments) -> Step<Value> {
    let [value, default, base] = arguments.bind("int", ["value", "default", "base"], 1)?;
    let value = value.unwrap_or_default();
    let base = match base.as_ref().map(view) {
        None => 10,
        Some(View::Int(base @ 2..=36)) => u32::try_from(base).unwrap_or(10),
        Some(_) => return Err(Raise::other("the base of int is a number from 2 to 36")),
    };
    let read = match view(&value) {
        View::Bool(value) => Some(i128::from(value)),
        View::Int(value) => Some(value),
        View::Float(value) if value.is_infinite() => {
            return Err(Raise::other("cannot convert float infinity to integer"));
        }
        View::Float(value) => truncated(value)?,
        View::Str(text) => match whole(text, base) {
            Some(value) => Some(value),
            None => float_of(text).map_or(Ok(None), truncated)?,
        },
        View::Undefined => return Err(Raise::undefined("the input of int")),
        _ => None,
    };
    Ok(read.map(integer).unwrap_or_else(|| default.unwrap_or_else(|| Value::from(0))))
}

/// The integer part; of what is not finite there is none.
fn truncated(value: f64) -> Step<Option<i128>> {
    if !value.is_finite() {
        return Ok(None);
    }
    // The largest integer is no float, but the power of two after it is.
    match value.abs() < i128::MAX as f64 {
        true => Ok(Some(value.trunc() as i128)),
        false => Err(too_large()),
    }
}

/// Python's `int(text, base)`.
fn whole(text: &str, base: u32) -> Option<i128> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefix = match base {
        16 => ["0x", "0X"],
        8 => ["0o", "0O"],
        2 => ["0b", "0B"],
        _ => ["", ""],
    };
    let digits = prefix.iter().find_map(|prefix| digits.strip_prefix(prefix)).unwrap_or(digits);
    let well_spaced = !digits.starts_with(['_', '+', '-']) && !digits.ends_with('_') && !digits.contains("__");
    let value = i128::from_str_radix(&digits.replace('_', ""), base).ok().filter(|_| well_spaced)?;
    Some(if negative { -value } else { value })
}

/// Python's `float(text)`.
fn float_of(text: &str) -> Option<f64> {
    let text = text.trim();
    let spaced = text.contains('_');
    if spaced && !matches!(python::parse_literal(text), Some(PyValue::Int(_) | PyValue::Float(_))) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

pub(super) fn float(arguments: Arguments) -> Step<Value> {
    let [value, default] = arguments.bind("float", ["value", "default"], 1)?;
    let value = value.unwrap_or_default();
    let read = match view(&value) {
        View::Bool(value) => Some(f64::from(u8::from(value))),
        View::Int(value) => Some(value as f64),
        View::Float(value) => Some(value),
        View::Str(text) => float_of(text),
        View::Undefined => return Err(Raise::undefined("the input of float")),
        _ => None,
    };
    Ok(read.map(Value::from).unwrap_or_else(|| default.unwrap_or_else(|| Value::from(0.0))))
}

/// Jinja's `round`: always a float, except that integers stay what they are.
pub(super) fn round(arguments: Arguments) -> Step<Value> {
    let [value, precision, method] = arguments.bind("round", ["value", "precision", "method"], 1)?;
    let value = value.unwrap_or_default();
    let is_whole = precision.as_ref().is_some_and(Value::is_none);
    let precision = match precision.as_ref().map(view) {
        None | Some(View::None) => 0,
        Some(View::Int(precision)) => i32::try_from(precision.clamp(-400, 400)).unwrap_or(0),
        Some(_) => return Err(Raise::type_error("the precision of round is an integer")),
    };
    let method = method.map_or_else(|| "common".to_owned(), |method| crate::jinja::print::text(&method));
    let number = match view(&value) {
        View::Int(number) => number as f64,
        View::Bool(number) => f64::from(u8::from(number)),
        View::Float(number) => number,
        View::Undefined if method != "common" => return Err(Raise::undefined("the input of round")),
        _ => return Err(Raise::Type(format!("type {} doesn't define __round__ method", class(&value)))),
    };
    let scale = 10_f64.powi(precision);
    Ok(match (method.as_str(), view(&value)) {
        ("common", View::Int(number)) => integer(round_integer(number, precision)),
        ("common", _) if is_whole => integer(
            truncated(half_even(number, 0))?
                .ok_or_else(|| Raise::other("a number without end cannot be rounded to an integer"))?,
        ),
        ("ceil" | "floor", _) if is_whole => return Err(Raise::type_error("the precision of round is an integer")),
        ("common", _) => Value::from(half_even(number, precision)),
        ("ceil", _) => Value::from((number * scale).ceil() / scale),
        ("floor", _) => Value::from((number * scale).floor() / scale),
        _ => return Err(Raise::other("method must be common, ceil or floor")),
    })
}

/// Rounds the exact decimal value, ties to even.
fn half_even(number: f64, precision: i32) -> f64 {
    match usize::try_from(precision) {
        // Rust's formatting rounds the exact value, ties to even, as Python's `round` does.
        Ok(decimals) => format!("{number:.decimals$}").parse().unwrap_or(number),
        Err(_) => {
            let unit = 10_f64.powi(-precision);
            if unit.is_finite() { (number / unit).round_ties_even() * unit } else { 0.0 }
        }
    }
}

fn round_integer(number: i128, precision: i32) -> i128 {
    let Ok(digits) = u32::try_from(-precision) else { return number };
    let Some(unit) = 10_i128.checked_pow(digits) else { return 0 };
    let (quotient, rest) = (number.div_euclid(unit), number.rem_euclid(unit));
    let to_next = unit - rest;
    let up = rest > to_next || (rest == to_next && quotient % 2 != 0);
    quotient.saturating_add(i128::from(up)).checked_mul(unit).unwrap_or(number)
}

/// `1.5 kB`, or `1.5 KiB` by powers of 1024.
pub(super) fn filesizeformat(arguments: Arguments) -> Step<Value> {
    let [value, binary] = arguments.bind("filesizeformat", ["value", "binary"], 1)?;
    let value = value.unwrap_or_default();
    let bytes = match view(&value) {
        View::Bool(value) => f64::from(u8::from(value)),
        View::Int(value) => value as f64,
        View::Float(value) => value,
        View::Str(text) => {
            float_of(text).ok_or_else(|| Raise::other(format!("filesizeformat takes a number, not '{text}'")))?
        }
        View::Undefined => return Err(Raise::undefined("the input of filesizeformat")),
        _ => return Err(Raise::Type(format!("filesizeformat takes a number, not {}", class(&value)))),
    };
    let binary = binary.is_some_and(|binary| binary.is_true());
    let base: f64 = if binary { 1024.0 } else { 1000.0 };
    if bytes == 1.0 {
        return Ok(Value::from("1 Byte"));
    }
    if bytes < base {
        return Ok(Value::from(format!("{bytes:.0} Bytes")));
    }
    let mut unit = base;
    let mut letters = "KMGTPEZY".chars().peekable();
    while let Some(letter) = letters.next() {
        unit *= base;
        if bytes < unit || letters.peek().is_none() {
            let suffix = match (binary, letter) {
                (true, letter) => format!("{letter}iB"),
                (false, 'K') => "kB".to_owned(),
                (false, letter) => format!("{letter}B"),
            };
            return Ok(Value::from(format!("{:.1} {suffix}", base * bytes / unit)));
        }
    }
    Ok(Value::from(""))
}
