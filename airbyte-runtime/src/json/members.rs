//! Looks into valid JSON without building values: members, elements, keys and texts.

use std::borrow::Cow;

use memchr::memchr;

use super::lexer::{hex4, skip_whitespace};
use super::skip::value_end;

/// The members of the valid JSON object `object` in order, as they are written: the key with its quotes, and the value.
///
/// Equal keys all appear. Anything but an object has no members.
pub(crate) fn members(object: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut items = Items::new(object, b'{');
    std::iter::from_fn(move || {
        let key = items.value()?;
        items.separator(b':')?;
        let value = items.value()?;
        items.separator(b',');
        Some((key, value))
    })
}

/// Where the values of the members of the valid JSON object `object` begin that are `null`.
pub(crate) fn nulls(object: &[u8]) -> impl Iterator<Item = usize> {
    members(object)
        .filter(|(_, value)| *value == b"null")
        // A value is a part of the object.
        .map(|(_, value)| value.as_ptr().addr().wrapping_sub(object.as_ptr().addr()))
}

/// The elements of the valid JSON array `array`. Anything but an array has none.
pub(crate) fn elements(array: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut items = Items::new(array, b'[');
    std::iter::from_fn(move || {
        let value = items.value()?;
        items.separator(b',');
        Some(value)
    })
}

/// The text of a JSON string given with its quotes; an unpaired surrogate becomes U+FFFD.
///
/// Borrows when there is no escape.
pub(crate) fn unescape(raw: &[u8]) -> Cow<'_, str> {
    let inner = unquoted(raw);
    let Some(first) = memchr(b'\\', inner) else {
        // What was scanned is sound, which is found out faster than what is unsound of it.
        return std::str::from_utf8(inner).map_or_else(|_| String::from_utf8_lossy(inner), Cow::Borrowed);
    };
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    let mut next = Some(first);
    while let Some((plain, escape)) = next.and_then(|at| rest.split_at_checked(at)) {
        text.push_str(&String::from_utf8_lossy(plain));
        let (character, length) = unescape_one(escape);
        text.push(character);
        rest = escape.get(length..).unwrap_or_default();
        next = memchr(b'\\', rest);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    Cow::Owned(text)
}

/// The text of a raw JSON string, or the spelling of a raw number; `None` for any other value.
pub(crate) fn string_value(raw: &[u8]) -> Option<Cow<'_, str>> {
    match raw.first()? {
        b'"' => Some(unescape(raw)),
        b'-' | b'0'..=b'9' => std::str::from_utf8(raw).ok().map(Cow::Borrowed),
        _ => None,
    }
}

/// Whether the JSON string `raw`, given with its quotes, says `name`.
pub(crate) fn key_is(raw: &[u8], name: &str) -> bool {
    let inner = unquoted(raw);
    if memchr(b'\\', inner).is_some() { unescape(raw) == name } else { inner == name.as_bytes() }
}

pub(super) fn unquoted(raw: &[u8]) -> &[u8] {
    raw.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(raw)
}

/// The character of the escape that `text` begins with, and the length of the escape.
fn unescape_one(text: &[u8]) -> (char, usize) {
    let character = match text.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unit(text),
        Some(byte) => char::from(*byte),
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, 2)
}

fn unescape_unit(text: &[u8]) -> (char, usize) {
    let unit = |at| text.get(at..)?.strip_prefix(b"\\u").and_then(hex4);
    match (unit(0), unit(6)) {
        (Some(high @ 0xD800..0xDC00), Some(low @ 0xDC00..0xE000)) => {
            let code = 0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00));
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        (unit, _) => (unit.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
    }
}

/// The values of a container one after the other.
struct Items<'b> {
    bytes: &'b [u8],
    position: usize,
}

impl<'b> Items<'b> {
    fn new(container: &'b [u8], opening: u8) -> Self {
        let start = skip_whitespace(container, 0);
        let bytes = if container.get(start) == Some(&opening) { container } else { &[] };
        Self { bytes, position: start + 1 }
    }

    fn value(&mut self) -> Option<&'b [u8]> {
        let start = skip_whitespace(self.bytes, self.position);
        // The closing bracket begins no value, so that the items end there.
        let end = value_end(self.bytes, start)?;
        self.position = end;
        self.bytes.get(start..end)
    }

    fn separator(&mut self, separator: u8) -> Option<()> {
        let at = skip_whitespace(self.bytes, self.position);
        (self.bytes.get(at) == Some(&separator)).then(|| self.position = at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_given_as_written() {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let found: Vec<_> = members(b" { \"a\" : 1.0 , \"b,\\\"\":[1, {}],\"a\":\"x\", \"\":{\"q\":null} } ")
            .map(|(key, value)| (text(key), text(value)))
            .collect();
        assert_eq!(found, [("\"a\"", "1.0"), ("\"b,\\\"\"", "[1, {}]"), ("\"a\"", "\"x\""), ("\"\"", "{\"q\":null}")]);
        for nothing in ["", "{}", " { } ", "[1]", "7", "{\"a\"", "{\"a\":"] {
            assert_eq!(members(nothing.as_bytes()).count(), 0, "{nothing}");
        }
    }

    #[test]
    fn elements_are_given_as_written() {
        let found: Vec<_> = elements(b"[ 1, [2,3] ,\"]\"]").collect();
        assert_eq!(found, [&b"1"[..], b"[2,3]", b"\"]\""]);
        assert_eq!(elements(b"[]").count(), 0);
        assert_eq!(elements(b"{\"a\":1}").count(), 0);
    }

    #[test]
    fn unescape_knows_every_escape() {
        for (raw, expected) in [
            (r#""plain é""#, "plain é"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""caf\u00e9 \uD83D\uDE00!""#, "café 😀!"),
            (r#""\ud800""#, "\u{fffd}"),
            (r#""\ud800\ud83d\ude00x""#, "\u{fffd}😀x"),
            (r#""\udc00\u0041""#, "\u{fffd}A"),
            (r#""""#, ""),
        ] {
            assert_eq!(unescape(raw.as_bytes()), expected, "{raw}");
        }
        assert!(matches!(unescape(b"\"plain\""), Cow::Borrowed("plain")));
        assert_eq!(unescape(b"\"\\"), "\"\u{fffd}", "text that is no JSON string does no harm");
    }

    #[test]
    fn string_value_reads_strings_and_numbers() {
        for (raw, expected) in [
            (r#""a\tb""#, Some("a\tb")),
            ("-1.50e3", Some("-1.50e3")),
            ("12345678901234567890", Some("12345678901234567890")),
            ("null", None),
            ("true", None),
            ("{}", None),
            ("", None),
        ] {
            assert_eq!(string_value(raw.as_bytes()).as_deref(), expected, "{raw}");
        }
    }
}
