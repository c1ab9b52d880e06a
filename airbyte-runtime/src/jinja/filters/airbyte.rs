//! The filters that the CDK adds, except those with regular expressions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use minijinja::Value;
use ring::{digest, hmac as mac};

use crate::jinja::arguments::Arguments;
use crate::jinja::objects::{View, class, view};
use crate::jinja::print::{JsonLayout, text};
use crate::jinja::raise::{Raise, Step};

/// The hex digest of a value's text and the salt.
pub(super) fn hash(arguments: Arguments) -> Step<Value> {
    let [value, kind, salt] = arguments.bind("hash", ["value", "hash_type", "salt"], 1)?;
    let kind = kind.unwrap_or_else(|| Value::from("md5"));
    let View::Str(kind) = view(&kind) else {
        return Err(Raise::Type(format!("the hash type is a text, not {}", class(&kind))));
    };
    let mut input = text(&value.unwrap_or_default());
    if let Some(salt) = salt.filter(|salt| salt.is_true()) {
        input.push_str(&text(&salt));
    }
    let algorithm = match kind {
        "md5" => return Ok(Value::from(hex(&Md5::digest(input.as_bytes())))),
        "sha1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => &digest::SHA256,
        "sha384" => &digest::SHA384,
        "sha512" => &digest::SHA512,
        "sha512_256" => &digest::SHA512_256,
        other => {
            return Err(Raise::other(format!(
                "the hash type '{other}' is not supported; supported are md5, sha1, sha256, sha384 and sha512"
            )));
        }
    };
    Ok(Value::from(hex(digest::digest(algorithm, input.as_bytes()).as_ref())))
}

/// The hex digest of a value's text under a key.
pub(super) fn hmac(arguments: Arguments) -> Step<Value> {
    let [value, key, kind] = arguments.bind("hmac", ["value", "key", "hash_type"], 2)?;
    let kind = kind.map_or_else(|| "sha256".to_owned(), |kind| text(&kind));
    if kind != "sha256" {
        return Err(Raise::other(format!("Hash type '{kind}' is not allowed. Allowed types: sha256")));
    }
    let key = mac::Key::new(mac::HMAC_SHA256, text(&key.unwrap_or_default()).as_bytes());
    let tag = mac::sign(&key, text(&value.unwrap_or_default()).as_bytes());
    Ok(Value::from(hex(tag.as_ref())))
}

/// The input of a filter that calls Python's `encode` on it, which only texts have.
fn encodable<'value>(value: &'value Value, filter: &str) -> Step<&'value str> {
    match view(value) {
        View::Str(text) => Ok(text),
        View::Undefined => Err(Raise::undefined(&format!("the input of {filter}"))),
        _ => Err(Raise::other(format!("{filter} takes a text, not {}; `~ ''` makes one", class(value)))),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn base64encode(arguments: Arguments) -> Step<Value> {
    let value = arguments.single("base64encode")?;
    Ok(Value::from(STANDARD.encode(encodable(&value, "base64encode")?)))
}

pub(super) fn base64decode(arguments: Arguments) -> Step<Value> {
    let value = arguments.single("base64decode")?;
    // Python skips what is no letter of the alphabet, and what follows the padding.
    let mut letters: String = encodable(&value, "base64decode")?
        .chars()
        .filter(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '='))
        .collect();
    if let Some(end) = letters.find('=') {
        let padded = end.next_multiple_of(4).min(letters.len());
        letters.truncate(padded);
    }
    let bytes = STANDARD.decode(letters).map_err(|_| Raise::other("the input of base64decode is no base64"))?;
    String::from_utf8(bytes).map(Value::from).map_err(|_| Raise::other("what base64decode decodes is no UTF-8 text"))
}

/// Despite its name it encodes, and takes only ASCII, as in the CDK.
pub(super) fn base64binascii_decode(arguments: Arguments) -> Step<Value> {
    let value = arguments.single("base64binascii_decode")?;
    let text = encodable(&value, "base64binascii_decode")?;
    match text.is_ascii() {
        true => Ok(Value::from(STANDARD.encode(text))),
        false => Err(Raise::other("base64binascii_decode takes only ASCII")),
    }
}

/// Text as it is; anything else as JSON in triple quotes, so that the conversion of literals leaves it text.
pub(super) fn string(arguments: Arguments) -> Step<Value> {
    let value = arguments.single("string")?;
    if let View::Str(_) = view(&value) {
        return Ok(value);
    }
    if value.is_undefined() {
        return Err(Raise::Type(format!("Object of type {} is not JSON serializable", class(&value))));
    }
    let mut out = String::from("\"\"\"");
    JsonLayout { sort_keys: false, indent: None }.push(&value, 0, &mut out)?;
    out.push_str("\"\"\"");
    Ok(Value::from(out))
}
