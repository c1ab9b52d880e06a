//! Writes JSON on one line without changing anything that means something.

use memchr::{memchr, memrchr};

use super::lexer::{Marks, Text, hex4, is_wide_integer, skip_whitespace};

/// Appends the valid JSON `bytes` to `out` without the whitespace between its tokens.
///
/// Text without such whitespace is copied in one piece.
pub(crate) fn compact_into(bytes: &[u8], out: &mut Vec<u8>) {
    let text = Text { bytes, end: true };
    let mut marks = Marks::default();
    let mut position = 0;
    let mut copied = 0;
    while let Some(byte) = bytes.get(position) {
        match byte {
            b'"' => position = text.string(position, &mut marks).unwrap_or(bytes.len()),
            b' ' | b'\n' | b'\r' | b'\t' => {
                out.extend_from_slice(bytes.get(copied..position).unwrap_or_default());
                position = skip_whitespace(bytes, position);
                copied = position;
            }
            _ => position += 1,
        }
    }
    out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
}

/// Like [`compact_into`], and writes `\ufffd` for every `\uD800`…`\uDFFF` escape that lacks its other half.
///
/// Strict readers such as the platform's refuse a message with an unpaired surrogate.
pub(crate) fn repair_into(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    compact_into(bytes, out);
    let mut rest = out.get_mut(start..).unwrap_or_default();
    // Valid JSON has backslashes in strings only.
    while let Some(at) = memchr(b'\\', rest) {
        let escape = rest.get_mut(at..).unwrap_or_default();
        let unit = |at| escape.get(at..)?.strip_prefix(b"\\u").and_then(hex4);
        let length = match (unit(0), unit(6)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(0xD800..0xE000), _) => {
                if let Some(digits) = escape.get_mut(2..6) {
                    digits.copy_from_slice(b"fffd");
                }
                6
            }
            _ => 2,
        };
        rest = escape.get_mut(length..).unwrap_or_default();
    }
}

/// Appends the valid JSON object `bytes` to `out` without those of its members whose values, each a `null`, begin at
/// `nulls`.
pub(crate) fn without_nulls_into(bytes: &[u8], nulls: &[usize], out: &mut Vec<u8>) {
    let mut copied = 0;
    for null in nulls {
        let before = bytes.get(copied..*null).unwrap_or_default();
        out.extend_from_slice(before.get(..key_start(before)).unwrap_or_default());
        let end = skip_whitespace(bytes, null + b"null".len());
        copied = end + usize::from(bytes.get(end) == Some(&b','));
    }
    let rest = bytes.get(copied..).unwrap_or_default();
    if rest.first() == Some(&b'}') {
        // Nothing comes behind the comma of the last member that stays.
        out.truncate(out.trim_ascii_end().len());
        out.pop_if(|last| *last == b',');
    }
    out.extend_from_slice(rest);
}

/// Where the key begins with which `text`, a part of a valid object before a value, ends.
fn key_start(text: &[u8]) -> usize {
    let key = text.trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end);
    let mut rest = key.and_then(|key| key.strip_suffix(b"\"")).unwrap_or_default();
    while let Some(quote) = memrchr(b'"', rest) {
        rest = rest.get(..quote).unwrap_or_default();
        // A quote within the key stands behind a backslash that does not belong to another one.
        if rest.iter().rev().take_while(|byte| **byte == b'\\').count().is_multiple_of(2) {
            return quote;
        }
    }
    text.len()
}

/// Appends the valid JSON `bytes` to `out`, with integers of more than 64 bits as the nearest numbers with a fraction;
/// those that are too large even for that stay as they are.
pub(crate) fn narrow_into(bytes: &[u8], out: &mut Vec<u8>) {
    let text = Text { bytes, end: true };
    let mut marks = Marks::default();
    let mut position = 0;
    let mut copied = 0;
    while let Some(byte) = bytes.get(position) {
        match byte {
            b'"' => position = text.string(position, &mut marks).unwrap_or(bytes.len()),
            b'-' | b'0'..=b'9' => {
                let end = text.number(position).unwrap_or(bytes.len());
                let number = bytes.get(position..end).unwrap_or_default();
                let near = std::str::from_utf8(number).ok().filter(|_| is_wide_integer(number));
                let near = near.and_then(|number| number.parse::<f64>().ok()).filter(|near| near.is_finite());
                if let Some(near) = near.and_then(serde_json::Number::from_f64) {
                    out.extend_from_slice(bytes.get(copied..position).unwrap_or_default());
                    out.extend_from_slice(near.to_string().as_bytes());
                    copied = end;
                }
                position = end;
            }
            _ => position += 1,
        }
    }
    out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compact(text: &str) -> String {
        let mut out = b"before ".to_vec();
        compact_into(text.as_bytes(), &mut out);
        String::from_utf8(out.split_off(7)).unwrap()
    }

    fn repair(text: &str) -> String {
        let mut out = b"\\ud800".to_vec();
        repair_into(text.as_bytes(), &mut out);
        String::from_utf8(out.split_off(6)).unwrap()
    }

    #[test]
    fn compacting_keeps_everything_inside_strings() {
        for (text, expected) in [
            (
                "{\n  \"a b\" : [ 1 ,\t2.0e5 ],\r\n  \"c\\\" \" : \" x  y \"\n}",
                "{\"a b\":[1,2.0e5],\"c\\\" \":\" x  y \"}",
            ),
            ("{\"a\":1}", "{\"a\":1}"),
            ("  7  ", "7"),
            ("\"\\\\\" ", "\"\\\\\""),
            ("", ""),
            ("[\"é é\" , \"\\u0020 \"]", "[\"é é\",\"\\u0020 \"]"),
        ] {
            assert_eq!(compact(text), expected, "{text}");
            assert_eq!(repair(text), expected, "{text}");
        }
    }

    #[test]
    fn members_that_are_null_are_left_out() {
        for (text, expected) in [
            (r#"{"a":null,"b":1}"#, r#"{"b":1}"#),
            (r#"{"a":1,"b":null,"c":2}"#, r#"{"a":1,"c":2}"#),
            (r#"{"a":1,"b":null}"#, r#"{"a":1}"#),
            (r#"{"a":1,"b":null,"c":null}"#, r#"{"a":1}"#),
            (r#"{"a":null}"#, "{}"),
            (r#"{"a":null,"a":null}"#, "{}"),
            (r#"{"a":null,"a":1,"a":null}"#, r#"{"a":1}"#),
            (r#"{"a":[null],"b":{"c":null},"d":"null"}"#, r#"{"a":[null],"b":{"c":null},"d":"null"}"#),
            (r#"{"x":",\\","q\"\\":null,"":null,",":null,"y":"}"}"#, r#"{"x":",\\","y":"}"}"#),
            ("{ \"a\" : null , \"b\" : 1 ,\n \"c\":\tnull\n}", "{\"b\":1}"),
            ("{}", "{}"),
        ] {
            let nulls: Vec<_> = crate::json::nulls(text.as_bytes()).collect();
            let (mut short, mut out) = (Vec::new(), Vec::new());
            without_nulls_into(text.as_bytes(), &nulls, &mut short);
            compact_into(&short, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn narrowing_touches_integers_beyond_64_bits_only() {
        let narrow = |text: &str| {
            let mut out = Vec::new();
            narrow_into(text.as_bytes(), &mut out);
            String::from_utf8(out).unwrap()
        };
        let huge = format!("1{}", "0".repeat(400));
        for (text, expected) in [
            (
                r#"{"a":12345678901234567890123,"b":"12345678901234567890123"}"#,
                r#"{"a":1.2345678901234568e+22,"b":"12345678901234567890123"}"#,
            ),
            ("[18446744073709551615,18446744073709551616]", "[18446744073709551615,1.8446744073709552e+19]"),
            ("[-9223372036854775808,-9223372036854775809]", "[-9223372036854775808,-9.223372036854776e+18]"),
            ("[0.12345678901234567890123,1e400,-0]", "[0.12345678901234567890123,1e400,-0]"),
            (huge.as_str(), huge.as_str()),
        ] {
            assert_eq!(narrow(text), expected, "{text}");
        }
    }

    #[test]
    fn repairing_replaces_unpaired_surrogates_only() {
        for (text, expected) in [
            (r#"{"a": "\ud800"}"#, r#"{"a":"\ufffd"}"#),
            (r#""\uD83D\uDE00""#, r#""\uD83D\uDE00""#),
            (r#""\uD83D\uD83D\uDE00\uDE00""#, r#""\ufffd\uD83D\uDE00\ufffd""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\ud800 \udc00""#, r#""\ufffd \ufffd""#),
            (r#""\ud800\n\\""#, r#""\ufffd\n\\""#),
        ] {
            assert_eq!(repair(text), expected, "{text}");
        }
    }
}
