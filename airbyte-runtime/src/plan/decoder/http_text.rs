//! The text of a body, in the encoding that HTTP's rules find.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::charset::Charset;

impl Charset {
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

pub(super) fn charset_parameter(content_type: &str) -> Option<Cow<'_, str>> {
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
