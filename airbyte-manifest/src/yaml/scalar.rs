//! What a scalar is: YAML 1.1's numbers, booleans and nulls, and explicit tags.

use std::borrow::Cow;

use saphyr_parser::{ScalarStyle, Tag};
use serde_json::Number;

use super::timestamp;
use crate::diagnostic::Diagnostic;
use crate::node::{Kind, Position};

/// A scalar after its typing.
pub(super) enum Typed {
    Value(Kind),
    /// `<<`: merges when it is a key.
    Merge,
    /// `=`: text when it is a key.
    Equals,
}

/// A scalar that cannot be what its form or its tag says.
pub(super) struct Wrong {
    message: String,
    help: Option<&'static str>,
}

impl Wrong {
    fn new(message: String) -> Self {
        Self { message, help: None }
    }

    pub(super) fn at(self, at: Position) -> Diagnostic {
        let diagnostic = Diagnostic::error(at, self.message);
        match self.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }
}

/// Types a scalar by its tag, or by its form if it has neither a tag nor quotes.
pub(super) fn typed(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Result<Typed, Wrong> {
    let Some(tag) = tag else {
        return match style {
            ScalarStyle::Plain => implicit(text),
            _ => Ok(Typed::Value(Kind::Text(text.into_owned()))),
        };
    };
    let kind = match core(tag) {
        // The tag `!` asks for the form even of quoted text.
        Some("") => return implicit(text),
        Some("str") => Some(Kind::Text(text.into_owned())),
        Some("null") => Some(Kind::Null),
        Some("bool") => boolean(&text.to_lowercase()).map(Kind::Bool),
        Some("int") => integer(&text),
        Some("float") => float(&text),
        Some("timestamp") => match timestamp::read(&text) {
            Some(stamp) => return dated(&stamp),
            None => None,
        },
        _ => return Err(unknown(tag)),
    };
    kind.map(Typed::Value).ok_or_else(|| Wrong::new(format!("this is no value for the tag `{}`", name(tag))))
}

/// Whether a list (`seq`) or mapping (`map`) may have the tag.
pub(super) fn container(tag: Option<&Tag>, own: &str) -> Result<(), Wrong> {
    match tag {
        Some(tag) if !matches!(core(tag), Some(suffix) if suffix.is_empty() || suffix == own) => Err(unknown(tag)),
        _ => Ok(()),
    }
}

/// The text of a key, as Python's `json.dumps` prints it; none for what cannot be a key.
pub(super) fn key(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Null => Some("null".to_owned()),
        Kind::Bool(flag) => Some(flag.to_string()),
        Kind::Int(number) => Some(number.to_string()),
        Kind::Float(number) => Some(float_text(*number)),
        Kind::Text(text) | Kind::Date(text) => Some(text.clone()),
        Kind::List(_) | Kind::Map(_) => None,
    }
}

/// The suffix of a tag of YAML itself, empty for `!`.
fn core(tag: &Tag) -> Option<&str> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("tag:yaml.org,2002:", suffix) => Some(suffix),
        ("", "!") | ("!", "") => Some(""),
        ("" | "!", suffix) => suffix.strip_prefix("tag:yaml.org,2002:"),
        _ => None,
    }
}

fn name(tag: &Tag) -> String {
    match core(tag) {
        Some(suffix) => format!("!!{suffix}"),
        None => format!("{}{}", tag.handle, tag.suffix),
    }
}

fn unknown(tag: &Tag) -> Wrong {
    Wrong {
        message: format!("the tag `{}` cannot stand here", name(tag)),
        help: Some("a manifest holds plain values only; remove the tag"),
    }
}

/// What a scalar without quotes is by its form.
fn implicit(text: Cow<'_, str>) -> Result<Typed, Wrong> {
    let kind = match text.as_bytes().first() {
        None => Some(Kind::Null),
        Some(b'~') if text == "~" => Some(Kind::Null),
        Some(b'n' | b'N') if matches!(&*text, "null" | "Null" | "NULL") => Some(Kind::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => cased(&text).map(Kind::Bool),
        Some(b'<') if text == "<<" => return Ok(Typed::Merge),
        Some(b'=') if text == "=" => return Ok(Typed::Equals),
        Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
            let broken = || Wrong::new("this looks like a number, and is none".to_owned());
            if is_float(&text) {
                Some(float(&text).ok_or_else(broken)?)
            } else if is_integer(&text) {
                Some(integer(&text).ok_or_else(broken)?)
            } else {
                match timestamp::read(&text) {
                    Some(stamp) if stamp.is_implicit() => return dated(&stamp),
                    _ => None,
                }
            }
        }
        Some(_) => None,
    };
    Ok(Typed::Value(kind.unwrap_or_else(|| Kind::Text(text.into_owned()))))
}

fn dated(stamp: &timestamp::Stamp) -> Result<Typed, Wrong> {
    let wrong = Wrong { message: "there is no such date".to_owned(), help: Some("quote it if it is meant as text") };
    stamp.iso().map(|text| Typed::Value(Kind::Date(text))).ok_or(wrong)
}

/// A boolean as it may be written without a tag: in small letters, capitals, or with one capital.
fn cased(text: &str) -> Option<bool> {
    let flag = boolean(&text.to_ascii_lowercase())?;
    let rest = text.get(1..)?;
    let capital = text.starts_with(|first: char| first.is_ascii_uppercase());
    let small = rest.bytes().all(|letter| letter.is_ascii_lowercase());
    let large = capital && rest.bytes().all(|letter| letter.is_ascii_uppercase());
    (small || large).then_some(flag)
}

fn boolean(small: &str) -> Option<bool> {
    match small {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn digits_and_lines(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// `[0-5]?[0-9]`, a place of a number in base sixty.
fn is_sixtieth(text: &str) -> bool {
    match text.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [ten, digit] => (b'0'..=b'5').contains(ten) && digit.is_ascii_digit(),
        _ => false,
    }
}

fn is_integer(text: &str) -> bool {
    let text = unsigned(text);
    let all = |digits: &str, allowed: fn(&u8) -> bool| {
        !digits.is_empty() && digits.bytes().all(|byte| byte == b'_' || allowed(&byte))
    };
    if text == "0" {
        return true;
    }
    if let Some(digits) = text.strip_prefix("0b") {
        return all(digits, |byte| matches!(byte, b'0' | b'1'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, u8::is_ascii_hexdigit);
    }
    if let Some(digits) = text.strip_prefix('0') {
        return all(digits, |byte| (b'0'..=b'7').contains(byte));
    }
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    first.starts_with(|digit: char| digit.is_ascii_digit()) && digits_and_lines(first) && parts.all(is_sixtieth)
}

fn is_float(text: &str) -> bool {
    let body = unsigned(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let Some((whole, fraction)) = body.split_once('.') else { return false };
    let (fraction, exponent) = match fraction.find(['e', 'E']) {
        Some(at) => (fraction.get(..at).unwrap_or_default(), fraction.get(at + 1..)),
        None => (fraction, None),
    };
    // The sign of an exponent is not optional.
    let scaled = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let first_is_digit = |text: &str| text.starts_with(|digit: char| digit.is_ascii_digit());
    if whole.is_empty() {
        return text.starts_with('.') && first_is_digit(fraction) && digits_and_lines(fraction) && scaled;
    }
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let sixtieths: Vec<&str> = parts.collect();
    first_is_digit(first)
        && digits_and_lines(first)
        && digits_and_lines(fraction)
        && scaled
        && sixtieths.iter().all(|part| is_sixtieth(part))
        && (sixtieths.is_empty() || exponent.is_none())
}

/// A whole number; one beyond 64 bits becomes the nearest float.
fn integer(text: &str) -> Option<Kind> {
    let text = text.trim().replace('_', "");
    let negative = text.starts_with('-');
    let body = unsigned(&text);
    let magnitude = if body == "0" {
        Magnitude::Whole(0)
    } else if let Some(digits) = body.strip_prefix("0b") {
        Magnitude::read(digits, 2)?
    } else if let Some(digits) = body.strip_prefix("0x") {
        Magnitude::read(digits, 16)?
    } else if body.starts_with('0') {
        Magnitude::read(body, 8)?
    } else {
        let mut value = Magnitude::Whole(0);
        for part in body.split(':') {
            value = value.times_plus(60, Magnitude::read(part, 10)?);
        }
        value
    };
    Some(match magnitude {
        Magnitude::Whole(value) if !negative => Kind::Int(Number::from(value)),
        Magnitude::Whole(value) => match 0_i64.checked_sub_unsigned(value) {
            Some(value) => Kind::Int(Number::from(value)),
            None => Kind::Float(-(value as f64)),
        },
        Magnitude::Huge(value) => Kind::Float(if negative { -value } else { value }),
    })
}

/// A number without its sign.
#[derive(Clone, Copy)]
enum Magnitude {
    Whole(u64),
    Huge(f64),
}

impl Magnitude {
    fn read(digits: &str, base: u32) -> Option<Self> {
        if digits.is_empty() {
            return None;
        }
        let mut value = Self::Whole(0);
        for digit in digits.chars() {
            value = value.times_plus(u64::from(base), Self::Whole(u64::from(digit.to_digit(base)?)));
        }
        // Digit by digit a float rounds at every step.
        match (value, base) {
            (Self::Huge(_), 10) => digits.parse().ok().map(Self::Huge),
            (value, _) => Some(value),
        }
    }

    fn times_plus(self, factor: u64, more: Self) -> Self {
        if let (Self::Whole(value), Self::Whole(more)) = (self, more)
            && let Some(sum) = value.checked_mul(factor).and_then(|value| value.checked_add(more))
        {
            return Self::Whole(sum);
        }
        Self::Huge(self.float() * factor as f64 + more.float())
    }

    fn float(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Huge(value) => value,
        }
    }
}

fn float(text: &str) -> Option<Kind> {
    let text = text.trim().replace('_', "").to_lowercase();
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let value = match unsigned(&text) {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        body => {
            let (mut sum, mut base) = (0.0, 1.0);
            for part in body.rsplit(':') {
                sum += part.parse::<f64>().ok()? * base;
                base *= 60.0;
            }
            sum
        }
    };
    Some(Kind::Float(sign * value))
}

/// A float as Python prints it: `1e+16` where Rust has `1e16`.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number < 0.0 { "-Infinity" } else { "Infinity" }.to_owned();
    }
    let text = format!("{number:?}");
    match text.split_once('e') {
        None => text,
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
            format!("{mantissa}e{sign}{digits:0>2}")
        }
    }
}
