//! Text encodings: by Python's names for a stream, by HTTP's rules for a body.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use encoding_rs::{DecoderResult, Encoding};

use super::limit::refuse;
use crate::error::{Error, Result};

/// How many bytes are decoded at a time.
const CHUNK: usize = 8 << 10;

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

/// Reads text of any encoding as UTF-8. Bytes that are no text of that encoding are an error.
pub(super) struct Transcoder<R> {
    source: R,
    charset: Charset,
    /// What decodes; ASCII and ISO 8859-1 need nothing.
    decoder: Option<encoding_rs::Decoder>,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// How much of `text` was read.
    position: usize,
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    /// The text of the source, which is in this encoding.
    pub(super) fn new(source: R, charset: Charset) -> Self {
        let decoder = match charset {
            Charset::Ascii | Charset::Latin1 => None,
            Charset::Utf8 => Some(encoding_rs::UTF_8.new_decoder_without_bom_handling()),
            Charset::Utf8Sig => Some(encoding_rs::UTF_8.new_decoder_with_bom_removal()),
            Charset::Utf16 => Some(encoding_rs::UTF_16LE.new_decoder()),
            Charset::Other(encoding) => Some(encoding.new_decoder_without_bom_handling()),
        };
        Self { source, charset, decoder, raw: vec![0; CHUNK], text: Vec::new(), position: 0, ended: false }
    }

    /// Decodes the next chunk.
    fn refill(&mut self) -> io::Result<()> {
        let count = match self.source.read(&mut self.raw) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            count => count?,
        };
        let raw = self.raw.get(..count).unwrap_or_default();
        self.ended = raw.is_empty();
        self.position = 0;
        self.text.clear();
        let Some(decoder) = &mut self.decoder else {
            if self.charset == Charset::Ascii && !raw.is_ascii() {
                return Err(undecodable(self.charset));
            }
            self.text.extend_from_slice(encoding_rs::mem::decode_latin1(raw).as_bytes());
            return Ok(());
        };
        let room = decoder.max_utf8_buffer_length_without_replacement(count).unwrap_or(CHUNK * 4);
        self.text.resize(room, 0);
        let (result, _, written) = decoder.decode_to_utf8_without_replacement(raw, &mut self.text, self.ended);
        self.text.truncate(written);
        match result {
            DecoderResult::InputEmpty => Ok(()),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => Err(undecodable(self.charset)),
        }
    }
}

fn undecodable(charset: Charset) -> io::Error {
    let name = match charset {
        Charset::Utf8 | Charset::Utf8Sig => "UTF-8",
        Charset::Ascii => "ASCII",
        Charset::Latin1 => "ISO-8859-1",
        Charset::Utf16 => "UTF-16",
        Charset::Other(encoding) => encoding.name(),
    };
    refuse(format!("the answer is not {name} text; set the decoder's `encoding` to what the API sends"))
}

impl<R: Read> BufRead for Transcoder<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.position >= self.text.len() && !self.ended {
            self.refill()?;
        }
        Ok(self.text.get(self.position..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.position += count;
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut text = self.fill_buf()?;
        let count = text.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
