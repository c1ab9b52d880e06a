//! The texts that give a secret away: the secret itself and what encoders make of it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// Shorter secrets are not masked: they occur by chance in too much text.
const MIN_SECRET_CHARS: usize = 3;

/// Shorter lines of a secret of several lines are not masked alone.
const MIN_LINE_CHARS: usize = 8;

/// Shorter pieces of base64 are not masked: they occur by chance in too much text.
const MIN_BASE64_CHARS: usize = 6;

/// Above this length a secret is a key or a document, which nobody puts into a URL or a form before base64.
const MAX_NESTED_BYTES: usize = 256;

/// What RFC 3986 demands to encode in a component.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What HTML forms encode.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// What Python's `quote` encodes.
const PATH: &AsciiSet = &COMPONENT.remove(b'/');

/// What JavaScript's `encodeURIComponent` encodes.
const LOOSE: &AsciiSet = &COMPONENT.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');

/// What JavaScript's `encodeURI` encodes: not what separates the parts of a URL.
const WHOLE_URL: &AsciiSet = &PATH_AND_QUERY.remove(b':').remove(b'@').remove(b'#').remove(b'$').remove(b',');
const PATH_AND_QUERY: &AsciiSet = &LOOSE.remove(b'/').remove(b'?').remove(b'&').remove(b'=').remove(b'+').remove(b';');

/// A text to mask.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    pub(super) text: String,
    pub(super) margin: Margin,
}

/// Which neighbours of a match are masked with it.
///
/// The characters at the ends of a piece of base64 hold bits of the secret and bits of what stands beside it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Margin {
    pub(super) before: bool,
    pub(super) after: bool,
}

/// Everything to search for when the secrets are `secrets`.
pub(super) fn patterns<'s>(secrets: impl IntoIterator<Item = &'s String>) -> BTreeSet<Pattern> {
    let mut patterns = BTreeSet::new();
    for secret in secrets {
        for part in parts(secret) {
            encode(part, &mut patterns);
        }
    }
    patterns
}

/// Whether a secret is long enough to be masked.
pub(super) fn is_maskable(secret: &str) -> bool {
    has_chars(secret, MIN_SECRET_CHARS)
}

/// The secret, the secret without white space around it, and its longer lines.
///
/// Keys are also pasted with `\n` written as two characters.
fn parts(secret: &str) -> BTreeSet<&str> {
    let lines = secret.split(['\n', '\r']).flat_map(|line| line.split("\\n")).map(str::trim);
    let mut parts: BTreeSet<&str> = lines.filter(|line| has_chars(line, MIN_LINE_CHARS)).collect();
    parts.extend([secret, secret.trim()].into_iter().filter(|part| is_maskable(part)));
    parts
}

fn has_chars(text: &str, count: usize) -> bool {
    text.chars().nth(count - 1).is_some()
}

/// Adds the usual encodings of one secret; a view finds the mixed ones.
fn encode(secret: &str, patterns: &mut BTreeSet<Pattern>) {
    let json = json_escape(secret);
    base64(secret, patterns);
    if secret.len() <= MAX_NESTED_BYTES {
        base64(&url_encode(secret, COMPONENT), patterns);
        base64(&url_encode(secret, FORM).replace("%20", "+"), patterns);
        base64(&json, patterns);
    }

    let mut literal = |text: String| patterns.insert(Pattern { text, margin: Margin::default() });
    for set in [COMPONENT, FORM, PATH, LOOSE, WHOLE_URL] {
        let encoded = url_encode(secret, set);
        for encoded in [encoded.replace("%20", "+"), encoded] {
            literal(lower_hex(&encoded));
            literal(encoded);
        }
    }
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    literal(hex.to_ascii_uppercase());
    literal(hex);
    literal(json_escape(&json));
    literal(json);
    literal(secret.replace(' ', "+"));
    literal(secret.to_owned());
}

fn url_encode(text: &str, set: &'static AsciiSet) -> String {
    percent_encode(text.as_bytes(), set).to_string()
}

/// Adds the base64 characters that depend on the secret alone, for each place it can have in longer bytes.
fn base64(secret: &str, patterns: &mut BTreeSet<Pattern>) {
    // With one or two bytes before the secret, its first whole character is the third or the fourth.
    for (offset, first) in [(0, 0), (1, 2), (2, 3)] {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(secret.as_bytes());
        let margin = Margin { before: offset > 0, after: bytes.len() % 3 != 0 };
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let end = text.len() - usize::from(margin.after);
            if let Some(whole) = text.get(first..end).filter(|whole| whole.len() >= MIN_BASE64_CHARS) {
                patterns.insert(Pattern { text: whole.to_owned(), margin });
            }
        }
    }
}

/// The text inside the quotes of a JSON string.
fn json_escape(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// Writes the digits of `%2F` in lower case.
fn lower_hex(encoded: &str) -> String {
    let mut digits = 0;
    let lower = |character: char| {
        let lowered = if digits > 0 { character.to_ascii_lowercase() } else { character };
        digits = if character == '%' { 2_u8 } else { digits.saturating_sub(1) };
        lowered
    };
    encoded.chars().map(lower).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_these_patterns() {
        let table = [
            ("a b/é", "a b/é"),
            ("a b/é", "a+b/é"),
            ("a b/é", "a%20b%2F%C3%A9"),
            ("a b/é", "a%20b%2f%c3%a9"),
            ("a b/é", "a+b%2F%C3%A9"),
            ("ABC/D", "ABC%2fD"),
            ("a\"b\\", r#"a\"b\\"#),
            ("a\"b\\", r#"a\\\"b\\\\"#),
            ("key", "6b6579"),
            ("jkl", "6A6B6C"),
            ("  key\n", "key"),
            ("first line\nshort\nthird line", "third line"),
            (r"first line\nshort\nthird line", "third line"),
        ];
        for (secret, expected) in table {
            let patterns = patterns(&[secret.to_owned()]);
            assert!(patterns.iter().any(|pattern| pattern.text == expected), "{secret}: {expected}");
        }
        assert!(!patterns(&["first line\nshort\nthird line".to_owned()]).iter().any(|pattern| pattern.text == "short"));
    }

    #[test]
    fn base64_patterns_are_independent_of_the_neighbours() {
        let mut found = BTreeSet::new();
        base64("secret?>", &mut found);
        for before in ["", "u", "us", "usr", "user:"] {
            for after in ["", "~", "~~", "~~~"] {
                for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                    let text = engine.encode(format!("{before}secret?>{after}"));
                    assert!(found.iter().any(|pattern| text.contains(&pattern.text)), "{before}|{after}");
                }
            }
        }
        assert!(found.iter().all(|pattern| pattern.text.len() >= 9));
    }

    #[test]
    fn base64_of_short_secrets_is_left_out() {
        for (secret, expected) in [("abc", 0), ("abcd", 0), ("abcde", 3)] {
            let mut found = BTreeSet::new();
            base64(secret, &mut found);
            assert_eq!(found.len(), expected, "{secret}");
        }
    }
}
