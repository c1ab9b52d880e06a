//! Text encodings, by Python's names.

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
}
