//! How Python prints values.

use std::fmt::Write;

use super::PyValue;

pub(super) fn push_value(value: &PyValue, out: &mut String) {
    match value {
        PyValue::None => out.push_str("None"),
        PyValue::Bool(true) => out.push_str("True"),
        PyValue::Bool(false) => out.push_str("False"),
        PyValue::Int(value) => push_display(value, out),
        PyValue::Float(value) => push_float(*value, out),
        PyValue::Str(text) => push_repr(text, out),
        PyValue::Bytes(bytes) => push_bytes(bytes, out),
        PyValue::List(items) => push_items("[", items, "]", out),
        PyValue::Tuple(items) => push_items("(", items, if items.len() == 1 { ",)" } else { ")" }, out),
        PyValue::Set(items) if items.is_empty() => out.push_str("set()"),
        PyValue::Set(items) => push_items("{", items, "}", out),
        PyValue::Dict(members) => {
            out.push('{');
            for (at, (key, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                push_value(key, out);
                out.push_str(": ");
                push_value(value, out);
            }
            out.push('}');
        }
        PyValue::Ellipsis => out.push_str("Ellipsis"),
    }
}

fn push_items(open: &str, items: &[PyValue], close: &str, out: &mut String) {
    out.push_str(open);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        push_value(item, out);
    }
    out.push_str(close);
}

/// Appends the shortest digits that read back as the same float: `1.0`, `1e+16`, `1e-05`, `inf`, `nan`.
pub(crate) fn push_float(value: f64, out: &mut String) {
    if !value.is_finite() {
        out.push_str(match value {
            _ if value.is_nan() => "nan",
            _ if value > 0.0 => "inf",
            _ => "-inf",
        });
        return;
    }
    // Rust changes to exponents at the same magnitudes as Python, but spells them without a sign and padding.
    let digits = format!("{value:?}");
    let Some((mantissa, exponent)) = digits.split_once('e') else {
        out.push_str(&digits);
        return;
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    out.push_str(mantissa.strip_suffix(".0").unwrap_or(mantissa));
    push_display(&format_args!("e{sign}{exponent:0>2}"), out);
}

/// Appends text in quotes: single ones unless only single ones occur in it; what does not print is escaped.
pub(crate) fn push_repr(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for char in text.chars() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if char == quote => out.extend(['\\', quote]),
            ' '..='~' => out.push(char),
            _ if is_printable(char) => out.push(char),
            _ => match u32::from(char) {
                code @ 0..=0xFF => push_display(&format_args!("\\x{code:02x}"), out),
                code @ 0x100..=0xFFFF => push_display(&format_args!("\\u{code:04x}"), out),
                code => push_display(&format_args!("\\U{code:08x}"), out),
            },
        }
    }
    out.push(quote);
}

fn push_bytes(bytes: &[u8], out: &mut String) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.push('b');
    out.push(char::from(quote));
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ if byte == quote => out.extend(['\\', char::from(quote)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => push_display(&format_args!("\\x{byte:02x}"), out),
        }
    }
    out.push(char::from(quote));
}

/// Whether Python prints the character as it is; Rust's escapes know the same categories.
fn is_printable(char: char) -> bool {
    if char.escape_debug().len() == 1 {
        return true;
    }
    // A combining mark is escaped only where it has nothing to combine with.
    let after_letter = String::from_iter(['a', char]);
    char > '~' && after_letter.escape_debug().count() == 2
}

fn push_display(value: &impl std::fmt::Display, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}
