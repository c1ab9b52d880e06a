//! Writes JSON on one line without changing anything that means something.

use memchr::memchr;

use super::lexer::{Marks, Text, hex4, skip_whitespace};

/// Appends the valid JSON `bytes` to `out` without the whitespace between its tokens.
///
/// Text without such whitespace is copied in one piece.
pub(crate) fn compact_into(bytes: &[u8], out: &mut Vec<u8>) {
    let text = Text { bytes, end: true };
    let mut position = 0;
    let mut copied = 0;
    while let Some(byte) = bytes.get(position) {
        match byte {
            b'"' => position = text.string(position, &mut Marks::default()).unwrap_or(bytes.len()),
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
