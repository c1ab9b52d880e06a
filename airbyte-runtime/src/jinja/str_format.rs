//! Python's `str.format`.

use minijinja::Value;

use super::arguments::Arguments;
use super::attributes::{attribute, item};
use super::format::percent;
use super::limits;
use super::objects::{View, view};
use super::print::{push_repr, text};
use super::raise::{Raise, Step};

/// Fills the fields `{}`, `{0}`, `{name}`, `{0.attribute[key]!r:format}`.
pub(super) fn format(template: &str, arguments: &Arguments) -> Step<String> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    let mut next = 0;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, bracket) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = bracket.strip_prefix("{{") {
            out.push('{');
            rest = after;
        } else if let Some(after) = bracket.strip_prefix("}}") {
            out.push('}');
            rest = after;
        } else {
            let field = bracket.strip_prefix('{').and_then(|field| field.split_once('}'));
            let (field, after) = field.ok_or_else(|| Raise::other("a single brace in the format"))?;
            push_field(field, arguments, &mut next, &mut out)?;
            limits::fits(out.len())?;
            rest = after;
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn push_field(field: &str, arguments: &Arguments, next: &mut usize, out: &mut String) -> Step<()> {
    let (name, spec) = field.split_once(':').unwrap_or((field, ""));
    let (name, conversion) = name.split_once('!').unwrap_or((name, ""));
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut path) = name.split_at(end);
    let place = if first.is_empty() {
        *next += 1;
        Some(*next - 1)
    } else {
        first.parse::<usize>().ok()
    };
    let found = match place {
        Some(place) => arguments.positional.get(place),
        None => arguments.named.iter().find(|(name, _)| &**name == first).map(|(_, value)| value),
    };
    let mut value = found.cloned().ok_or_else(|| Raise::other(format!("the format's field '{first}' is not given")))?;
    while let Some(letter) = path.chars().next() {
        let inner = path.get(1..).unwrap_or_default();
        if letter == '[' {
            let (key, after) = inner.split_once(']').ok_or_else(|| Raise::other("a missing ']' in the format"))?;
            let key = key.parse::<i64>().map_or_else(|_| Value::from(key), Value::from);
            value = item(&value, &key, || field.to_owned())?;
            path = after;
        } else {
            let end = inner.find(['.', '[']).unwrap_or(inner.len());
            let (name, after) = inner.split_at(end);
            value = attribute(&value, name, || field.to_owned())?;
            path = after;
        }
    }
    match conversion {
        "r" => {
            let mut repr = String::new();
            push_repr(&value, &mut repr);
            value = Value::from(repr);
        }
        "s" => value = Value::from(text(&value)),
        _ => {}
    }
    out.push_str(&spell(&value, spec)?);
    Ok(())
}

/// Writes a value by a format specification.
fn spell(value: &Value, spec: &str) -> Step<String> {
    if spec.is_empty() {
        return Ok(text(value));
    }
    if let View::Time(time) = view(value) {
        return Ok(super::time::strftime(time, spec));
    }
    let unreadable = || Raise::other(format!("Invalid format specifier '{spec}'"));
    let mut chars = spec.chars();
    let (fill, align, rest) = match (chars.next(), chars.next()) {
        (Some(fill), Some(align @ ('<' | '>' | '^' | '='))) => (fill, Some(align), chars.as_str()),
        (Some(align @ ('<' | '>' | '^' | '=')), _) => (' ', Some(align), spec.get(1..).unwrap_or_default()),
        _ => (' ', None, spec),
    };
    let sign_length = usize::from(rest.starts_with(['+', '-', ' ']));
    let (sign, rest) = rest.split_at(sign_length);
    let (zero, rest) = rest.strip_prefix('0').map_or((false, rest), |rest| (true, rest));
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (width, rest) = rest.split_at(digits);
    let width: usize = if width.is_empty() { 0 } else { width.parse().map_err(|_| unreadable())? };
    if width > 10_000 {
        return Err(unreadable());
    }
    let (grouping, rest) = match rest.strip_prefix([',', '_']) {
        Some(after) => (rest.chars().next(), after),
        None => (None, rest),
    };
    let is_number = matches!(view(value), View::Int(_) | View::Float(_) | View::Bool(_));
    let (precision, kind) = match rest.strip_prefix('.') {
        Some(after) => {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let (precision, kind) = after.split_at(digits);
            (format!(".{precision}"), kind)
        }
        None => (String::new(), rest),
    };
    let body = match (kind, is_number) {
        ("" | "s", false) => percent(&format!("%{precision}s"), value)?,
        ("", true) if precision.is_empty() => percent(&format!("%{}s", sign.trim()), value)?,
        ("", true) => percent(&format!("%{sign}{precision}g"), value)?,
        ("%", true) => {
            let hundred = super::operators::arithmetic(super::syntax::Arithmetic::Multiply, value, &Value::from(100))?;
            percent(&format!("%{sign}{precision}f%%"), &hundred)?
        }
        ("d" | "x" | "X" | "o" | "f" | "F" | "e" | "E" | "g" | "G", true) => {
            percent(&format!("%{sign}{precision}{kind}"), value)?
        }
        _ => return Err(unreadable()),
    };
    let body = grouping.map_or_else(|| body.clone(), |separator| grouped(&body, separator));
    let missing = width.saturating_sub(body.chars().count());
    let fill = if zero && align.is_none() { '0' } else { fill };
    let padding = |count: usize| std::iter::repeat_n(fill, count).collect::<String>();
    let align = align.unwrap_or(match (is_number, zero) {
        (true, true) => '=',
        (true, false) => '>',
        (false, _) => '<',
    });
    Ok(match align {
        '<' => body + &padding(missing),
        '^' => format!("{}{body}{}", padding(missing / 2), padding(missing - missing / 2)),
        '=' => {
            let (sign, digits) = body.split_at(usize::from(body.starts_with(['-', '+', ' '])));
            format!("{sign}{}{digits}", padding(missing))
        }
        _ => padding(missing) + &body,
    })
}

/// Puts a separator between thousands.
fn grouped(number: &str, separator: char) -> String {
    let (sign, digits) = number.split_at(usize::from(number.starts_with(['-', '+', ' '])));
    let end = digits.find(|char: char| !char.is_ascii_digit()).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut out = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out + rest
}
