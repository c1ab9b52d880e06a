//! Text encodings: by Python's names for a stream, by HTTP's rules for a body.

use std::borrow::Cow;

use encoding_rs::Encoding;

use crate::error::{Error, Result};

/// A text encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// UTF-8 whose byte order mark is no text.
    Utf8Sig,
    Ascii,
    /// ISO 8859-1, where every byte is the character of that number; the Web's label means another one.
    Latin1,
    /// UTF-16 in the order that its mark says, else little endian.
    Utf16,
    Other(&'static Encoding),
}

impl Charset {
    /// The encoding that Python's codecs know by this name.
    ///
    /// # Errors
    /// A name that is not known here.
    pub(super) fn named(name: &str) -> Result<Self> {
        let key: String = name
            .trim()
            .chars()
            .map(|character| if matches!(character, '_' | ' ') { '-' } else { character.to_ascii_lowercase() })
            .collect();
        Ok(match key.as_str() {
            "utf-8" | "utf8" | "u8" | "utf" | "cp65001" => Self::Utf8,
            "utf-8-sig" => Self::Utf8Sig,
            "ascii" | "us-ascii" | "646" => Self::Ascii,
            "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" => Self::Latin1,
            "utf-16" | "utf16" | "u16" => Self::Utf16,
            "utf-16-le" | "utf-16le" => Self::Other(encoding_rs::UTF_16LE),
            "utf-16-be" | "utf-16be" => Self::Other(encoding_rs::UTF_16BE),
            "cp932" | "ms932" => Self::Other(encoding_rs::SHIFT_JIS),
            "cp949" => Self::Other(encoding_rs::EUC_KR),
            "cp936" => Self::Other(encoding_rs::GBK),
            "cp950" => Self::Other(encoding_rs::BIG5),
            key => Encoding::for_label(key.as_bytes())
                .or_else(|| Encoding::for_label(key.replace('-', "_").as_bytes()))
                .map(Self::Other)
                .ok_or_else(|| {
                    Error::system(format!(
                        "the encoding {name:?} of a decoder is not known; use a name such as `utf-8`, `utf-8-sig`, \
                         `latin-1` or `cp1252`"
                    ))
                })?,
        })
    }

    /// The text of a body by its `Content-Type`; bytes that are no text become U+FFFD.
    ///
    /// Without a charset, `text/*` is ISO 8859-1, and any other body says itself what it is: by a byte order mark,
    /// by its XML declaration, or by being UTF-8.
    pub(super) fn http_text<'b>(body: &'b [u8], content_type: Option<&str>) -> Cow<'b, str> {
        let charset = match content_type.and_then(charset_parameter) {
            Some(name) => Self::named(&name).unwrap_or(Self::Utf8),
            None => match content_type.map(str::to_ascii_lowercase) {
                Some(kind) if kind.contains("text") => Self::Latin1,
                Some(kind) if kind.contains("application/json") => Self::Utf8,
                _ => Self::guess(body),
            },
        };
        charset.decode_lossy(body)
    }

    fn guess(body: &[u8]) -> Self {
        if let Some((encoding, _)) = Encoding::for_bom(body) {
            return if encoding == encoding_rs::UTF_8 { Self::Utf8Sig } else { Self::Utf16 };
        }
        if let Some(declared) = declared_encoding(body)
            && declared != Self::Utf8
        {
            return declared;
        }
        if std::str::from_utf8(body).is_ok() { Self::Utf8 } else { Self::Other(encoding_rs::WINDOWS_1252) }
    }

    fn decode_lossy(self, body: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => String::from_utf8_lossy(body),
            Self::Utf8Sig => encoding_rs::UTF_8.decode_with_bom_removal(body).0,
            Self::Ascii => body
                .iter()
                .map(|&byte| if byte.is_ascii() { char::from(byte) } else { char::REPLACEMENT_CHARACTER })
                .collect(),
            Self::Latin1 => encoding_rs::mem::decode_latin1(body),
            Self::Utf16 => encoding_rs::UTF_16LE.decode(body).0,
            Self::Other(encoding) => encoding.decode_without_bom_handling(body).0,
        }
    }
}

fn charset_parameter(content_type: &str) -> Option<Cow<'_, str>> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim_matches(['"', '\'', ' ']);
        name.trim().eq_ignore_ascii_case("charset").then_some(Cow::Borrowed(value))
    })
}

/// The encoding in `<?xml … encoding="…"?>`.
fn declared_encoding(body: &[u8]) -> Option<Charset> {
    let end = body.iter().position(|&byte| byte == b'>')?;
    let declaration = std::str::from_utf8(body.get(..end)?).ok()?.strip_prefix("<?xml")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Charset::named(value.split(quote).nth(1)?).ok()
}
