//! Python's `%` formatting of text.

use std::fmt::Write;

use minijinja::Value;

use super::limits;
use super::objects::{View, class, elements, member, view};
use super::print::{push_repr, text};
use super::raise::{Raise, Step};

/// The widest field and the most decimals that a format may ask for.
const MAX_WIDTH: usize = 10_000;

/// `format % arguments`: a tuple fills the fields in turn, a mapping the named ones, anything else the only one.
pub(super) fn percent(format: &str, arguments: &Value) -> Step<String> {
    let mut supply = Supply {
        items: if matches!(view(arguments), View::Tuple) { elements(arguments)? } else { vec![arguments.clone()] }
            .into_iter(),
        mapping: arguments,
        names: false,
    };
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        rest = push_field(after, &mut supply, &mut out)?;
        limits::fits(out.len())?;
    }
    out.push_str(rest);
    let is_mapping = matches!(view(arguments), View::Dict);
    if supply.items.next().is_some() && !supply.names && !is_mapping {
        return Err(Raise::type_error("not all arguments converted during string formatting"));
    }
    Ok(out)
}

struct Supply<'arguments> {
    items: std::vec::IntoIter<Value>,
    mapping: &'arguments Value,
    names: bool,
}

impl Supply<'_> {
    fn next(&mut self) -> Step<Value> {
        self.items.next().ok_or_else(|| Raise::type_error("not enough arguments for format string"))
    }
}

#[derive(Default)]
struct Field {
    left: bool,
    zero: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

/// Appends what stands behind a percent sign; the rest of the format is returned.
fn push_field<'format>(format: &'format str, supply: &mut Supply<'_>, out: &mut String) -> Step<&'format str> {
    let mut rest = format;
    let mut named = None;
    if let Some(after) = rest.strip_prefix('(') {
        let (name, after) = after.split_once(')').ok_or_else(|| Raise::other("incomplete format key"))?;
        if !matches!(view(supply.mapping), View::Dict) {
            return Err(Raise::type_error("format requires a mapping"));
        }
        let value = member(supply.mapping, &Value::from(name));
        named = Some(value.ok_or_else(|| Raise::other(format!("the format's key '{name}' is not given")))?);
        supply.names = true;
        rest = after;
    }
    let mut field = Field::default();
    while let Some(flag) = rest.chars().next() {
        match flag {
            '-' => field.left = true,
            '0' => field.zero = true,
            '+' => field.plus = true,
            ' ' => field.blank = true,
            '#' => field.alternate = true,
            _ => break,
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    (field.width, rest) = size(rest)?;
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = size(after)?;
        field.precision = Some(precision);
        rest = after;
    }
    rest = rest.trim_start_matches(['h', 'l', 'L']);
    let conversion = rest.chars().next().ok_or_else(|| Raise::other("incomplete format"))?;
    rest = rest.get(conversion.len_utf8()..).unwrap_or_default();
    if conversion == '%' {
        out.push('%');
        return Ok(rest);
    }
    let value = match named {
        Some(value) => value,
        None => supply.next()?,
    };
    let body = convert(conversion, &value, &field)?;
    pad(&body, conversion, &field, out);
    Ok(rest)
}

fn size(text: &str) -> Step<(usize, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length).unwrap_or((text, ""));
    match digits.parse() {
        Ok(size) if size <= MAX_WIDTH => Ok((size, rest)),
        Err(_) if digits.is_empty() => Ok((0, rest)),
        _ => Err(Raise::other(format!("a format asks for more than {MAX_WIDTH} characters"))),
    }
}

fn convert(conversion: char, value: &Value, field: &Field) -> Step<String> {
    let precision = field.precision.unwrap_or(6);
    Ok(match conversion {
        's' => cut(text(value), field.precision),
        'r' | 'a' => {
            let mut out = String::new();
            push_repr(value, &mut out);
            cut(out, field.precision)
        }
        'd' | 'i' | 'u' => signed(whole(value)?.unsigned_abs().to_string(), whole(value)? < 0, field),
        'x' => radix(whole(value)?, "0x", field, |value| format!("{value:x}")),
        'X' => radix(whole(value)?, "0X", field, |value| format!("{value:X}")),
        'o' => radix(whole(value)?, "0o", field, |value| format!("{value:o}")),
        'f' | 'F' => {
            let value = real(value)?;
            signed(format!("{:.precision$}", value.abs()), value.is_sign_negative(), field)
        }
        'e' | 'E' => {
            let value = real(value)?;
            signed(exponential(value.abs(), precision, conversion), value.is_sign_negative(), field)
        }
        'g' | 'G' => {
            let value = real(value)?;
            signed(general(value.abs(), precision.max(1)), value.is_sign_negative(), field)
        }
        'c' => match view(value) {
            View::Str(text) if text.chars().count() == 1 => text.to_owned(),
            View::Int(code) => {
                let char = u32::try_from(code).ok().and_then(char::from_u32);
                char.map(String::from).ok_or_else(|| Raise::other("%c arg not in range(0x110000)"))?
            }
            _ => return Err(Raise::type_error("%c requires int or char")),
        },
        other => return Err(Raise::other(format!("unsupported format character '{other}'"))),
    })
}

fn cut(text: String, precision: Option<usize>) -> String {
    match precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text,
    }
}

fn whole(value: &Value) -> Step<i128> {
    match view(value) {
        View::Bool(value) => Ok(i128::from(value)),
        View::Int(value) => Ok(value),
        // The cast saturates far above what a template formats.
        View::Float(value) if value.is_finite() => Ok(value.trunc() as i128),
        View::Undefined => Err(Raise::undefined("a number to format")),
        _ => Err(Raise::Type(format!("%d format: a real number is required, not {}", class(value)))),
    }
}

fn real(value: &Value) -> Step<f64> {
    match view(value) {
        View::Bool(value) => Ok(f64::from(u8::from(value))),
        View::Int(value) => Ok(value as f64),
        View::Float(value) => Ok(value),
        View::Undefined => Err(Raise::undefined("a number to format")),
        _ => Err(Raise::Type(format!("must be real number, not {}", class(value)))),
    }
}

fn sign(negative: bool, field: &Field) -> &'static str {
    match negative {
        true => "-",
        false if field.plus => "+",
        false if field.blank => " ",
        false => "",
    }
}

fn signed(digits: String, negative: bool, field: &Field) -> String {
    sign(negative, field).to_owned() + &digits
}

fn radix(value: i128, prefix: &str, field: &Field, digits: impl Fn(u128) -> String) -> String {
    let prefix = if field.alternate { prefix } else { "" };
    format!("{}{prefix}{}", sign(value < 0, field), digits(value.unsigned_abs()))
}

fn exponential(value: f64, precision: usize, letter: char) -> String {
    let digits = format!("{value:.precision$e}");
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{mantissa}{letter}{sign}{exponent:0>2}")
}

fn general(value: f64, precision: usize) -> String {
    let rounded = format!("{value:.*e}", precision - 1);
    let exponent = rounded.split_once('e').and_then(|(_, exponent)| exponent.parse::<i64>().ok()).unwrap_or(0);
    let limit = i64::try_from(precision).unwrap_or(i64::MAX);
    let trimmed = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    if exponent < -4 || exponent >= limit {
        let digits = exponential(value, precision - 1, 'e');
        let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "+00"));
        return format!("{}e{exponent}", trimmed(mantissa));
    }
    let decimals = usize::try_from(limit - 1 - exponent).unwrap_or(0);
    trimmed(&format!("{value:.decimals$}"))
}

fn pad(body: &str, conversion: char, field: &Field, out: &mut String) {
    let missing = field.width.saturating_sub(body.chars().count());
    let is_number = !matches!(conversion, 's' | 'r' | 'a' | 'c');
    if field.left {
        let _ = write!(out, "{body}{:missing$}", "");
    } else if field.zero && is_number {
        let (sign, digits) = body.split_at(usize::from(body.starts_with(['-', '+', ' '])));
        out.push_str(sign);
        out.extend(std::iter::repeat_n('0', missing));
        out.push_str(digits);
    } else {
        let _ = write!(out, "{:missing$}{body}", "");
    }
}
