//! Text of any encoding, read as UTF-8.

use std::io::{self, BufRead, Read};

use encoding_rs::DecoderResult;

use super::charset::Charset;
use super::limit::refuse;

/// How many bytes are decoded at a time.
const CHUNK: usize = 8 << 10;

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
