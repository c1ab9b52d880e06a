//! Redaction: tables of what is masked, and generated texts with secrets in random encodings.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, STANDARD_NO_PAD, URL_SAFE};
use base64::engine::{DecodePaddingMode, general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::*;

#[test]
fn secrets_are_masked_in_every_encoding() {
    let table: &[(&[&str], &str, &str)] = &[
        (&[], "nothing to hide", "nothing to hide"),
        (&["ab", "", "é1"], "ab é1", "ab é1"),
        (&["k3y"], "k3y=k3yk3y", "****=****"),
        (&["abc", "abcdef-TOPSECRET"], "use abcdef-TOPSECRET or abc.", "use **** or ****."),
        (&["abcd", "cdef"], "abcdef", "****"),
        (&["p&ss w/rd"], "?p=p%26ss%20w%2Frd&q=p%26ss+w%2frd&r=p&ss%20w/rd", "?p=****&q=****&r=****"),
        (&["p&ss w/rd"], "a%3Fp%3Dp%2526ss%2520w%252Frd", "a%3Fp%3D****"),
        (
            &["say \"hi\""],
            r#"{"a":"say \"hi\"","b":"{\"c\":\"say \\\"hi\\\"\"}"}"#,
            r#"{"a":"****","b":"{\"c\":\"****\"}"}"#,
        ),
        (&["clé😀"], r"cl\u00e9\uD83D\uDE00 cl\u{e9}😀 cl%C3%A9%f0%9f%98%80", "**** **** ****"),
        (&["hunter2"], "Basic dXNlcjpodW50ZXIy", "Basic dXNlcj****"),
        (&["hunter2"], "Basic dXNlcjE6aHVudGVyMg==", "Basic dXNlcjE6****"),
        (&["hunter2"], "68756E74657232 and 68756e74657232", "**** and ****"),
        (&["a?b>c~d"], "YT9iPmN-ZA YT9iPmN+ZA== YT9iPmN%2BZA%3D%3D", "**** **** ****"),
        (&["se cret"], "Basic OnNlJTIwY3JldA==", "Basic O****"),
        (&["line one\nline two\nx"], "it says line two, x", "it says ****, x"),
        (&[" padded\n"], "padded", "****"),
        (&["токен"], "мой токен.", "мой ****."),
        (&["12345"], "code 12345", "code ****"),
    ];
    for (secrets, text, expected) in table {
        assert_eq!(Redactor::new(*secrets).redact(text), *expected, "{secrets:?}");
    }
}

#[test]
fn an_untouched_text_is_borrowed() {
    let redactor = Redactor::new(["secret-token"]);
    for text in ["", "plain", "100% of C:\\new\\x", "%41%2F", "\\u0041", "secret-toke"] {
        assert!(matches!(redactor.redact(text), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn clones_share_secrets_that_are_added_later() {
    let redactor = Redactor::default();
    let clone = redactor.clone();
    assert_eq!(clone.redact("token-1"), "token-1");
    redactor.add("token-1");
    redactor.add("token-1");
    assert_eq!(std::thread::spawn(move || clone.redact("token-1").into_owned()).join().unwrap(), "****");
    assert_eq!(format!("{redactor:?}"), "Redactor");
}

#[test]
fn secrets_are_collected_wherever_the_spec_marks_them() {
    let spec = json!({
        "properties": {
            "token": {"type": "string", "airbyte_secret": true},
            "pin": {"type": "integer", "airbyte_secret": true},
            "open": {"type": "string", "airbyte_secret": false},
            "flag": {"type": "boolean", "airbyte_secret": true},
            "accounts": {"items": {"properties": {"key": {"airbyte_secret": true}}}},
            "keys": {"airbyte_secret": true, "type": "array", "items": {"type": "string"}},
            "credentials": {"oneOf": [
                {"properties": {"kind": {"const": "a"}, "x": {"airbyte_secret": true}}},
                {"properties": {"kind": {"const": "b"}, "y": {"airbyte_secret": true}}},
            ]},
            "headers": {"additionalProperties": {"airbyte_secret": true}},
        },
        "additionalProperties": true,
    });
    let config = json!({
        "token": "t", "pin": 1234, "open": "o", "flag": true,
        "accounts": [{"key": "k1", "name": "n"}, {"key": "k2"}],
        "keys": ["k3", {"nested": "k4"}],
        "credentials": {"kind": "a", "x": "cx", "y": "cy"},
        "headers": {"X-Key": "h"},
        "other": "z",
    });
    assert_eq!(secrets_in(&spec, &config), ["t", "1234", "k1", "k2", "k3", "k4", "cx", "cy", "h"]);
    assert!(secrets_in(&json!(true), &json!([1])).is_empty());
}

/// Texts whose words share no character with a secret: after masking, the words and the masks are all that is left.
#[test]
fn generated_encodings_leave_nothing_but_the_mask() {
    let mut random = Random(0x5EED);
    for _ in 0..500 {
        let secrets = random.secrets();
        let redactor = Redactor::new(&secrets);
        for _ in 0..20 {
            let (mut text, mut expected) = (String::new(), String::new());
            for _ in 0..=random.below(3) {
                let word = random.word();
                let secret = &secrets[random.below(secrets.len())];
                text.push_str(&word);
                text.push_str(&random.encode(secret));
                expected.push_str(&word);
                expected.push_str(MASK);
            }
            assert_eq!(redactor.redact(&text), expected, "{secrets:?} in {text}");
            let word = random.word();
            assert!(matches!(redactor.redact(&word), Cow::Borrowed(_)), "{secrets:?} in {word}");
        }
    }
}

/// Texts full of escapes and of base64 around the secrets: no decoder finds a secret in what is left.
#[test]
fn generated_texts_keep_no_encoding_of_a_secret() {
    let mut random = Random(0xB0B);
    for _ in 0..500 {
        let secrets = random.secrets();
        let redactor = Redactor::new(&secrets);
        for _ in 0..20 {
            let mut text = String::new();
            for _ in 0..=random.below(4) {
                let noise = random.noise();
                let secret = &secrets[random.below(secrets.len())];
                let (before, after) = (random.noise(), random.noise());
                text.push_str(&noise);
                text.push_str(&match random.below(4) {
                    0 => STANDARD.encode(format!("{before}{secret}{after}")),
                    1 => URL_SAFE_NO_PAD.encode(format!("{before}{}{after}", url(secret, |_| true))),
                    2 => secret.clone(),
                    _ => ENCODERS[random.below(ENCODERS.len())](secret),
                });
                text.push_str(&after);
            }
            let masked = redactor.redact(&text);
            for secret in &secrets {
                let found = ENCODERS.iter().map(|encode| encode(secret)).find(|encoded| masked.contains(encoded));
                assert_eq!(found, None, "{secret} in {text} as {masked}");
                if secret.len() > 5 {
                    assert!(!base64_contains(&masked, secret), "{secret} in {text} as {masked}");
                }
            }
        }
    }
}

/// The usual encoders. The first three can leave fewer than six characters of a short secret.
const ENCODERS: [fn(&str) -> String; 12] = [
    |secret| hidden_base64(STANDARD.encode(secret), secret),
    |secret| hidden_base64(URL_SAFE.encode(secret), secret),
    |secret| hidden_base64(STANDARD_NO_PAD.encode(secret), secret),
    |secret| url(secret, |_| true),
    |secret| secret.bytes().map(|byte| format!("%{byte:02x}")).collect(),
    |secret| url(secret, |byte| !b"!'()*;,/?:@&=+$#".contains(&byte)),
    |secret| url(secret, |_| true).replace("%20", "+"),
    quote,
    |secret| quote(&quote(secret)),
    |secret| secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
    |secret| secret.bytes().map(|byte| format!("{byte:02X}")).collect(),
    str::to_owned,
];

/// The encoding, or the secret itself where the encoding is too short to be masked.
fn hidden_base64(encoded: String, secret: &str) -> String {
    if secret.len() < 5 { secret.to_owned() } else { encoded }
}

fn url(secret: &str, encodes: impl Fn(u8) -> bool) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() || (byte.is_ascii() && !encodes(byte)) => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    secret.bytes().map(encode).collect()
}

fn quote(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Whether some run of base64 characters, read from any of its first four characters, holds the secret.
fn base64_contains(text: &str, secret: &str) -> bool {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    let text = text.replace('-', "+").replace('_', "/");
    let is_base64 = |character: char| character.is_ascii_alphanumeric() || "+/".contains(character);
    text.split(|character| !is_base64(character)).any(|run| {
        (0..4).filter_map(|skip| run.get(skip..)).any(|run| {
            let whole = if run.len() % 4 == 1 { &run[..run.len() - 1] } else { run };
            let bytes = engine.decode(whole).unwrap();
            bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
        })
    })
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick(&mut self, alphabet: &str) -> char {
        alphabet.chars().nth(self.below(alphabet.chars().count())).unwrap()
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        (0..length).map(|_| self.pick(alphabet)).collect()
    }

    /// One to four secrets; some begin or end as another one does.
    fn secrets(&mut self) -> Vec<String> {
        let mut secrets: Vec<String> = Vec::new();
        for _ in 0..=self.below(3) {
            let ends = "abcXYZ019";
            let length = if self.below(4) == 0 { 1 } else { 1 + self.below(30) };
            let middle = self.text("abcdefXYZ0123456789 +/%\\\"'&=?-_.~!()@:,$\n\té€😀", length);
            let mut secret = format!("{}{middle}{}", self.pick(ends), self.pick(ends));
            if let (Some(other), 0) = (secrets.last(), self.below(3)) {
                let cut = other.ceil_char_boundary(other.len() / 2);
                secret =
                    if self.below(2) == 0 { other[cut..].to_owned() + &secret } else { format!("{other}{secret}") };
            }
            secrets.push(secret);
        }
        secrets
    }

    fn word(&mut self) -> String {
        let length = 1 + self.below(12);
        self.text("журналтокен—«»…", length)
    }

    fn noise(&mut self) -> String {
        let length = self.below(12);
        self.text("abcXYZ0129 %\\\"+/=&25u{}éж😀", length)
    }

    /// Up to three layers of encoding, each of which leaves some characters as they are.
    fn encode(&mut self, secret: &str) -> String {
        match self.below(8) {
            0 => self.percent(secret),
            1 => self.escape(secret),
            2 => quote(&self.escape(secret)),
            3 => {
                let inner = self.percent(secret);
                self.percent(&inner)
            }
            4 => {
                let inner = quote(&self.escape(secret));
                self.percent(&inner)
            }
            5 => {
                let inner = hidden_base64(STANDARD.encode(secret), secret);
                self.percent(&inner)
            }
            6 => {
                let inner = hidden_base64(URL_SAFE.encode(url(secret, |_| true)), secret);
                self.escape(&inner)
            }
            _ => ENCODERS[self.below(ENCODERS.len())](secret),
        }
    }

    fn percent(&mut self, text: &str) -> String {
        let space = ["+", "%20"][self.below(2)];
        let mut encoded = String::new();
        for character in text.chars() {
            match character {
                ' ' => encoded.push_str(space),
                // A plus sign that stays would be read as a space, and a percent sign as the start of an escape.
                '%' | '+' => encoded.push_str(&format!("%{:02X}", character as u32)),
                _ if self.below(2) == 0 => encoded.push(character),
                _ => {
                    for byte in character.to_string().bytes() {
                        let digits = if self.below(2) == 0 { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
                        encoded.push_str(&digits);
                    }
                }
            }
        }
        encoded
    }

    fn escape(&mut self, text: &str) -> String {
        let mut escaped = String::new();
        for character in text.chars() {
            match self.below(3) {
                0 => {
                    let mut units = [0; 2];
                    for unit in character.encode_utf16(&mut units) {
                        escaped.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                1 => escaped.extend(character.escape_debug()),
                _ => escaped.push_str(&quote(&character.to_string())),
            }
        }
        escaped
    }
}
