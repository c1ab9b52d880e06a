//! The texts that give a secret away: the secret itself and what encoders make of it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode};

use super::view::{ESCAPES, View};
use crate::http::PARAM;

/// Shorter secrets are not masked: they occur by chance in too much text.
const MIN_SECRET_CHARS: usize = 3;

/// Shorter parts of a secret, such as lines of a key, are not masked alone.
const MIN_LINE_CHARS: usize = 8;

/// Shorter secrets are not looked for in lower case: as such they are words.
const MIN_LOWER_CASE_CHARS: usize = 8;

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

/// What the parser of URLs encodes in a query and in a path that nobody encoded.
const BARE_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\'');
const BARE_PATH: &AsciiSet = &BARE_QUERY.remove(b'\'').add(b'?').add(b'^').add(b'`').add(b'{').add(b'}');

/// A text to mask. It need not be UTF-8: a view may hold Latin-1.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    pub(super) text: Vec<u8>,
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
        for form in parts(secret).into_iter().flat_map(forms) {
            encode(&form, &mut patterns);
        }
    }
    patterns
}

/// Whether a secret is long enough to be masked.
pub(super) fn is_maskable(secret: &str) -> bool {
    has_chars(secret, MIN_SECRET_CHARS)
}

/// The secret, the secret without white space around it, its longer lines, and what is left of it where a host or a
/// path of a URL ends.
///
/// Keys are also pasted with `\n` written as two characters.
fn parts(secret: &str) -> BTreeSet<&str> {
    let lines = secret.split(['\n', '\r']).flat_map(|line| line.split("\\n"));
    let host = secret.split(['/', '\\', '?', '#']).next();
    let path = secret.split(['?', '#']).next();
    let shortened = lines.chain(host).chain(path).map(str::trim);
    let mut parts: BTreeSet<&str> = shortened.filter(|part| has_chars(part, MIN_LINE_CHARS)).collect();
    parts.extend([secret, secret.trim()].into_iter().filter(|part| is_maskable(part)));
    parts
}

fn has_chars(text: &str, count: usize) -> bool {
    text.chars().nth(count - 1).is_some()
}

/// What programs make of a text before anybody encodes it, and what they leave of it when they forget to encode it.
fn forms(text: &str) -> BTreeSet<Vec<u8>> {
    // Parsers of URLs drop line breaks and tabs, and turn backslashes.
    let one_line = text.replace(['\t', '\r', '\n'], "");
    let turned = one_line.replace('\\', "/");
    let mut forms: BTreeSet<Vec<u8>> = BTreeSet::new();
    // The same with the backslashes of JSON, of JSON with escaped slashes, and of JSON in JSON.
    let quoted = |text: &str| String::from_utf8_lossy(&json_escape(text.as_bytes())).into_owned();
    let once = quoted(text);
    let quoted = [once.replace('/', "\\/"), quoted(&once), once].map(|quoted| quoted.replace('\\', "/"));
    let texts = quoted.iter().chain([&one_line, &turned]).map(String::as_str);
    for text in texts.chain([text]).collect::<BTreeSet<&str>>() {
        // A text that has escapes of its own is found in a view only as the view shows it.
        forms.extend(ESCAPES.iter().filter_map(|escape| Some(View::decode(escape, text.as_bytes(), None)?.bytes)));
        // A plus sign in a query is read as a space.
        forms.extend([text.to_owned(), text.replace('+', " ")].map(String::into_bytes));
    }
    if !text.is_ascii() {
        // HTTP reads headers as Latin-1: `é` in UTF-8 is two characters of it, and `é` in Latin-1 one byte.
        forms.insert(text.bytes().map(char::from).collect::<String>().into_bytes());
        forms.extend(text.chars().map(|character| u8::try_from(character).ok()).collect::<Option<Vec<u8>>>());
    }
    if text.len() <= MAX_NESTED_BYTES && has_chars(text, MIN_LOWER_CASE_CHARS) {
        // Names of hosts are written in lower case.
        forms.insert(text.to_lowercase().into_bytes());
    }
    forms.retain(|form| form.len() >= MIN_SECRET_CHARS);
    forms
}

/// Adds the usual encodings of one secret; a view finds the mixed ones.
fn encode(secret: &[u8], patterns: &mut BTreeSet<Pattern>) {
    base64(secret, patterns);
    let json = json_escape(secret);
    if secret.len() <= MAX_NESTED_BYTES {
        base64(url_encode(secret, COMPONENT).as_bytes(), patterns);
        base64(url_encode(secret, FORM).replace("%20", "+").as_bytes(), patterns);
        base64(&json, patterns);
    }

    let mut literal = |text: Vec<u8>| patterns.insert(Pattern { text, margin: Margin::default() });
    for set in [COMPONENT, FORM, PATH, LOOSE, WHOLE_URL, PARAM, BARE_QUERY, BARE_PATH] {
        let encoded = url_encode(secret, set);
        for encoded in [encoded.replace("%20", "+"), encoded] {
            literal(lower_hex(&encoded).into_bytes());
            literal(encoded.into_bytes());
        }
    }
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    literal(hex.to_ascii_uppercase().into_bytes());
    literal(hex.into_bytes());
    literal(json_escape(&json).into_owned());
    literal(json.into_owned());
    literal(secret.escape_ascii().to_string().into_bytes());
    if let Ok(text) = std::str::from_utf8(secret) {
        literal(text.escape_debug().to_string().into_bytes());
        literal(markup(text).into_bytes());
        literal(one_line(text).into_bytes());
    }
    literal(secret.iter().map(|&byte| if byte == b' ' { b'+' } else { byte }).collect());
    literal(secret.to_owned());
}

/// As text of HTML and XML.
fn markup(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// The text with escapes for line breaks and the like, and for nothing else, as excerpts of bodies are shown. Whoever
/// looks for secrets in it does so before.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character.is_control() {
            true => line.extend(character.escape_default()),
            false => line.push(character),
        }
    }
    line
}

fn url_encode(text: &[u8], set: &'static AsciiSet) -> String {
    percent_encode(text, set).to_string()
}

/// Adds the base64 characters that depend on the secret alone, for each place it can have in longer bytes.
fn base64(secret: &[u8], patterns: &mut BTreeSet<Pattern>) {
    // With one or two bytes before the secret, its first whole character is the third or the fourth.
    for (offset, first) in [(0, 0), (1, 2), (2, 3)] {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(secret);
        let margin = Margin { before: offset > 0, after: bytes.len() % 3 != 0 };
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let end = text.len() - usize::from(margin.after);
            if let Some(whole) = text.get(first..end).filter(|whole| whole.len() >= MIN_BASE64_CHARS) {
                patterns.insert(Pattern { text: whole.as_bytes().to_owned(), margin });
            }
        }
    }
}

/// The text inside the quotes of a JSON string, which is always UTF-8.
fn json_escape(text: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(text) else { return Cow::Borrowed(text) };
    let quoted = serde_json::Value::from(text).to_string();
    Cow::Owned(quoted.get(1..quoted.len() - 1).unwrap_or_default().as_bytes().to_owned())
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
            ("top/Secret", "top/secret"),
            ("a\\b c", "a/b c"),
            ("a%42c", "aBc"),
            ("a&amp;b", "a&b"),
            ("a+b", "a b"),
            ("key\nof two lines", "keyof two lines"),
            ("clé", "clÃ©"),
            ("first line\nshort\nthird line", "third line"),
            (r"first line\nshort\nthird line", "third line"),
        ];
        for (secret, expected) in table {
            let patterns = patterns(&[secret.to_owned()]);
            assert!(patterns.iter().any(|pattern| pattern.text == expected.as_bytes()), "{secret}: {expected}");
        }
        assert!(
            !patterns(&["first line\nshort\nthird line".to_owned()]).iter().any(|pattern| pattern.text == b"short")
        );
    }

    #[test]
    fn base64_patterns_are_independent_of_the_neighbours() {
        let mut found = BTreeSet::new();
        base64(b"secret?>", &mut found);
        for before in ["", "u", "us", "usr", "user:"] {
            for after in ["", "~", "~~", "~~~"] {
                for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                    let text = engine.encode(format!("{before}secret?>{after}"));
                    assert!(
                        found.iter().any(|pattern| memchr::memmem::find(text.as_bytes(), &pattern.text).is_some()),
                        "{before}|{after}"
                    );
                }
            }
        }
        assert!(found.iter().all(|pattern| pattern.text.len() >= 9));
    }

    #[test]
    fn base64_of_short_secrets_is_left_out() {
        for (secret, expected) in [("abc", 0), ("abcd", 0), ("abcde", 3)] {
            let mut found = BTreeSet::new();
            base64(secret.as_bytes(), &mut found);
            assert_eq!(found.len(), expected, "{secret}");
        }
    }
}
