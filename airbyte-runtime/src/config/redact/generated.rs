//! Generated texts with secrets in every encoding: nothing of a secret is left of them.
//!
//! `SECRETS_CASES` says how many texts each law is held against. A law that fails names the seed of the case, which
//! `SECRETS_SEED` runs alone.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, STANDARD_NO_PAD, URL_SAFE};
use base64::engine::{DecodePaddingMode, general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::*;
use crate::error::Error;
use crate::http::{HttpClient, HttpSettings, encode_form, full_url};
use crate::json::{ScanError, ScanErrorKind};
use crate::output;
use crate::plan::{RequestBody, RequestDraft};
use crate::protocol::{ConnectionStatus, ErrorTrace, Log, LogLevel, Message};

/// Texts for each law, where nothing else is asked for.
const CASES: u64 = 2_000;
/// Texts for each set of secrets: to learn new secrets takes longer than to find them.
const TEXTS: u64 = 20;
const FIRST_SEED: u64 = 0x5EED;

/// Holds a law against many sets of secrets, each with texts of its own.
fn for_each_set(mut law: impl FnMut(&mut Random)) {
    let number = |name| std::env::var(name).ok().and_then(|text: String| text.parse::<u64>().ok());
    let (first, sets) = match number("SECRETS_SEED") {
        Some(seed) => (seed, 1),
        None => (FIRST_SEED, number("SECRETS_CASES").unwrap_or(CASES).div_ceil(TEXTS)),
    };
    for seed in first..first + sets {
        let _told = Told(seed);
        law(&mut Random(seed.wrapping_mul(0xD134_2543_DE82_EF95)));
    }
}

/// Names the seed of a case that fails.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the case is run alone with SECRETS_SEED={}", self.0);
        }
    }
}

/// Texts whose words share no character with a secret: after masking, the words and the masks are all that is left.
#[test]
fn generated_encodings_leave_nothing_but_the_mask() {
    for_each_set(|random| {
        let secrets = random.secrets();
        let redactor = Redactor::new(&secrets);
        for _ in 0..TEXTS {
            let (text, expected) = random.telling(&secrets);
            assert_eq!(redactor.redact(&text), expected, "{secrets:?} in {text}");
            let word = random.word();
            assert!(matches!(redactor.redact(&word), Cow::Borrowed(_)), "{secrets:?} in {word}");
        }
    });
}

/// Texts full of escapes and of base64 around the secrets: no decoder finds a secret in what is left.
#[test]
fn generated_texts_keep_no_encoding_of_a_secret() {
    for_each_set(|random| {
        let secrets = random.secrets();
        let redactor = Redactor::new(&secrets);
        for _ in 0..TEXTS {
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
                // A URL may lose so much of a secret that what is left is none.
                let encoded = ENCODERS.iter().map(|encode| encode(secret)).filter(|encoded| encoded.len() > 2);
                let found = encoded.into_iter().find(|encoded| masked.contains(encoded));
                assert_eq!(found, None, "{secret} in {text} as {masked}");
                if secret.len() > 5 {
                    assert!(!base64_contains(&masked, secret), "{secret} in {text} as {masked}");
                }
            }
        }
    });
}

/// Messages stay messages, with the same keys, even where a secret is `type` or `LOG`; and a text that is cut to fit
/// is cut after masking.
#[test]
fn generated_messages_stay_messages() {
    const WORDS: [&str; 6] = ["type", "LOG", "message", "failure_type", "{\"a", "\",\""];
    for_each_set(|random| {
        let mut secrets = random.secrets();
        if random.below(2) == 0 {
            secrets.push(WORDS[random.below(WORDS.len())].to_owned());
        }
        let redactor = Redactor::new(&secrets);
        let (output, mut queue) = output::queue(redactor.clone());
        for _ in 0..TEXTS {
            let (text, expected) = random.telling(&secrets);
            let error = Error::config(text.as_str()).with_detail(text.as_str());
            let (message, pointers): (_, &[&str]) = match random.below(3) {
                0 => {
                    let message = text.as_str().into();
                    (Message::Log(Log { level: LogLevel::Info, message, stack_trace: None }), &["/log/message"])
                }
                1 => {
                    let status = ConnectionStatus::Failed(text.as_str().into());
                    (Message::ConnectionStatus(status), &["/connectionStatus/message"])
                }
                _ => {
                    let pointers = &["/trace/error/message", "/trace/error/internal_message"];
                    (Message::Error(ErrorTrace::new(&error, None)), pointers)
                }
            };
            let plain = message.to_line(0);
            output.message(message).unwrap();
            let Ok(output::Item::Line(line) | output::Item::Log { line, .. }) = queue.0.try_recv() else {
                panic!("no line")
            };
            let (plain, masked): (Value, Value) =
                (serde_json::from_str(&plain).unwrap(), serde_json::from_str(&line).unwrap());
            assert_eq!(shape(&plain), shape(&masked));
            for pointer in pointers {
                let said = masked.pointer(pointer).and_then(Value::as_str);
                assert_eq!(said, Some(expected.as_str()), "{secrets:?} in {line}");
            }
        }
    });
}

/// Whatever length a text is cut to, and wherever a body breaks: no part of a secret is left.
#[test]
fn generated_cuts_leave_no_part_of_a_secret() {
    for_each_set(|random| {
        let secrets = random.secrets();
        let client = HttpClient::new("test", HttpSettings::prompt(), Redactor::new(&secrets));
        for _ in 0..TEXTS {
            let (text, expected) = random.telling(&secrets);
            let most = random.below(text.chars().count() + 10);
            let cut: String = expected.chars().take(most).collect();
            assert_eq!(client.shown(&text, most), cut, "{secrets:?} in {text}");

            let body = format!("[{text}]");
            let at = random.below(body.len());
            let fault = ScanError::new(ScanErrorKind::UnexpectedByte, at, body.as_bytes(), 0);
            let shown = client.shown_part(fault.excerpt(), fault.surroundings());
            let is_word = |character: char| WORD.contains(character) || "[]*\u{fffd}".contains(character);
            assert!(shown.chars().all(is_word), "{shown} of {secrets:?} in {text} at {at}");
        }
    });
}

/// The JSON without its texts.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => json!(""),
        Value::Null | Value::Bool(_) | Value::Number(_) => json!(0),
    }
}

/// The usual encoders. The first three can leave fewer than six characters of a short secret.
const ENCODERS: [fn(&str) -> String; 25] = [
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
    // What this crate sends, and what the parser of URLs makes of a secret that nobody encoded.
    |secret| encode_form(&[(String::new(), secret.to_owned())])[1..].to_owned(),
    parameter,
    |secret| {
        in_url(secret, |url, secret| url.set_query(Some(secret)), |url| url.query().unwrap_or_default().to_owned())
    },
    |secret| in_url(secret, |url, secret| url.set_path(&format!("/{secret}")), |url| url.path()[1..].to_owned()),
    // Quotes of Rust and Python, and headers that were read as Latin-1.
    |secret| secret.as_bytes().escape_ascii().to_string(),
    |secret| quote_debug(secret),
    |secret| secret.bytes().map(char::from).collect(),
    |secret| latin1(secret).iter().map(|byte| format!("%{byte:02X}")).collect(),
    |secret| quote(&secret.bytes().map(char::from).collect::<String>()),
    // HTML and XML.
    markup,
    |secret| markup(&markup(secret)),
    |secret| secret.chars().map(|character| format!("&#{};", u32::from(character))).collect(),
    // Base64 in lines.
    |secret| wrapped(&hidden_base64(STANDARD.encode(secret), secret)),
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

fn quote_debug(text: &str) -> String {
    let quoted = format!("{text:?}");
    quoted[1..quoted.len() - 1].to_owned()
}

/// Latin-1 if the text can be written in it, UTF-8 otherwise.
fn latin1(text: &str) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(character).ok()).collect();
    bytes.unwrap_or_else(|| text.as_bytes().to_owned())
}

fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn wrapped(text: &str) -> String {
    let lines: Vec<&str> = text.as_bytes().chunks(16).map(|line| std::str::from_utf8(line).unwrap_or(text)).collect();
    if text.is_ascii() { lines.join("\r\n") } else { text.to_owned() }
}

/// A parameter as a request of this crate has it.
fn parameter(secret: &str) -> String {
    let request = RequestDraft {
        method: http::Method::GET,
        url: url::Url::parse("http://host/").unwrap(),
        query: vec![(String::new(), secret.to_owned())],
        headers: http::HeaderMap::new(),
        body: RequestBody::Empty,
    };
    full_url(&request).query().unwrap_or_default()[1..].to_owned()
}

/// What becomes of a secret that is put into a URL as it is. A path with dots may lose some of it, and what has lost its
/// line breaks may be too short to be a secret.
fn in_url(secret: &str, set: impl Fn(&mut url::Url, &str), get: impl Fn(&url::Url) -> String) -> String {
    let mut url = url::Url::parse("http://host/").unwrap();
    set(&mut url, secret);
    let loses = ["/.", "\\."].iter().any(|dots| secret.contains(dots));
    let left = get(&url);
    if loses || left.len() < 3 { secret.to_owned() } else { left }
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

/// Both secrets, with what the first ends in and the second begins with written once.
fn overlapping(first: &str, second: &str) -> String {
    let common = (0..=second.len()).rev().filter_map(|length| second.split_at_checked(length));
    let rest = common.filter(|(start, _)| first.ends_with(start)).map(|(_, rest)| rest).next();
    format!("{first}{}", rest.unwrap_or_default())
}

/// What words are made of: no secret and no encoding has any of it.
const WORD: &str = "журналтокен—«»…";

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

    /// One to four secrets; some begin or end as another one does, and some are keys of many lines or numbers.
    fn secrets(&mut self) -> Vec<String> {
        let mut secrets: Vec<String> = Vec::new();
        for _ in 0..=self.below(3) {
            match self.below(12) {
                0 => {
                    secrets.push(self.key());
                    continue;
                }
                1 => {
                    secrets.push((1_000 + self.next() % 1_000_000_000_000).to_string());
                    continue;
                }
                _ => {}
            }
            let ends = "abcXYZ019";
            let length = if self.below(4) == 0 { 1 } else { 1 + self.below(30) };
            let middle = self.text("abcdefXYZ0123456789 +/%\\\"'&<>=?-_.~!()@:,$\n\té€😀", length);
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

    /// A key as programs write it.
    fn key(&mut self) -> String {
        let lines: Vec<String> = (0..2 + self.below(3)).map(|_| self.text("abcXYZ019+/", 40)).collect();
        format!("-----BEGIN KEY-----\n{}\n-----END KEY-----\n", lines.join("\n"))
    }

    /// A text that tells secrets, and what may be left of it.
    fn telling(&mut self, secrets: &[String]) -> (String, String) {
        let (mut text, mut expected) = (String::new(), String::new());
        for _ in 0..=self.below(3) {
            let word = self.word();
            let secret = &secrets[self.below(secrets.len())];
            text.push_str(&word);
            text.push_str(&match self.below(6) {
                // Adjacent secrets are one mask, and so are those of which one begins before the other ends.
                0 => format!("{secret}{}", secrets[self.below(secrets.len())]),
                1 => overlapping(secret, &secrets[self.below(secrets.len())]),
                2 => secret.lines().map(str::trim).find(|line| line.len() >= 40).unwrap_or(secret).to_owned(),
                _ => self.encode(secret),
            });
            expected.push_str(&word);
            expected.push_str(MASK);
        }
        (text, expected)
    }

    fn word(&mut self) -> String {
        let length = 1 + self.below(12);
        self.text(WORD, length)
    }

    fn noise(&mut self) -> String {
        let length = self.below(12);
        self.text("abcXYZ0129 %\\\"+/=&25u{}éж😀", length)
    }

    /// Up to three layers of encoding, each of which leaves some characters as they are.
    fn encode(&mut self, secret: &str) -> String {
        match self.below(10) {
            8 => self.reference(secret),
            9 => {
                let inner = self.reference(secret);
                self.escape(&inner)
            }
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

    /// References of HTML, in every way to write them.
    fn reference(&mut self, text: &str) -> String {
        let mut encoded = String::new();
        for character in text.chars() {
            match (character, self.below(4)) {
                ('é', 0) => encoded.push_str("&eacute;"),
                (_, 1) => encoded.push_str(&format!("&#{};", u32::from(character))),
                (_, 2) => encoded.push_str(&format!("&#x{:x};", u32::from(character))),
                ('&', _) => encoded.push_str("&amp;"),
                _ => encoded.push(character),
            }
        }
        encoded
    }
}
