//! Numbers as Python writes them.

use super::PyValue;

/// Reads an unsigned number at the start of the text, and says how many bytes it takes.
///
/// `None` for what is no number in Python, for complex numbers, and for integers above 128 bits.
pub(super) fn parse(text: &[u8]) -> Option<(PyValue, usize)> {
    let (value, length) = match text {
        [b'0', b'x' | b'X', rest @ ..] => radix(rest, 16)?,
        [b'0', b'o' | b'O', rest @ ..] => radix(rest, 8)?,
        [b'0', b'b' | b'B', rest @ ..] => radix(rest, 2)?,
        _ => decimal(text)?,
    };
    let ends = match text.get(length) {
        Some(next) => !(next.is_ascii_alphanumeric() || matches!(next, b'_' | b'.' | 0x80..)),
        None => true,
    };
    ends.then_some((value, length))
}

/// Reads what follows a prefix of two bytes.
fn radix(text: &[u8], radix: u32) -> Option<(PyValue, usize)> {
    let body = text.strip_prefix(b"_").unwrap_or(text);
    let skipped = 2 + text.len() - body.len();
    let length = digits(body, radix)?;
    let value = i128::from_str_radix(&without_underscores(body.get(..length)?), radix).ok()?;
    Some((PyValue::Int(value), skipped + length))
}

fn decimal(text: &[u8]) -> Option<(PyValue, usize)> {
    let whole = digits(text, 10).unwrap_or(0);
    let mut end = whole;
    let mut is_float = false;
    if text.get(end) == Some(&b'.') {
        let decimals = digits(text.get(end + 1..)?, 10).unwrap_or(0);
        if whole == 0 && decimals == 0 {
            return None;
        }
        end += 1 + decimals;
        is_float = true;
    } else if whole == 0 {
        return None;
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        end += 1 + sign + digits(text.get(end + 1 + sign..)?, 10)?;
        is_float = true;
    }
    let digits = without_underscores(text.get(..end)?);
    if is_float {
        return Some((PyValue::Float(digits.parse().ok()?), end));
    }
    // Python refuses zeros before other digits, which once meant octal.
    let leads_with_zero = digits.len() > 1 && digits.starts_with('0') && digits.bytes().any(|digit| digit != b'0');
    if leads_with_zero { None } else { Some((PyValue::Int(digits.parse().ok()?), end)) }
}

/// The length of a run of digits with single underscores between them.
fn digits(text: &[u8], radix: u32) -> Option<usize> {
    let is_digit = |at: usize| text.get(at).is_some_and(|byte| char::from(*byte).is_digit(radix));
    if !is_digit(0) {
        return None;
    }
    let mut end = 1;
    while is_digit(end) || (text.get(end) == Some(&b'_') && is_digit(end + 1)) {
        end += 1;
    }
    Some(end)
}

fn without_underscores(text: &[u8]) -> String {
    text.iter().filter(|byte| **byte != b'_').map(|byte| char::from(*byte)).collect()
}
