//! Bodies that are something else than JSON, packed or not.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::first_line;
use crate::error::{Error, Result};
use crate::plan::decoder::{Body, Budget, CsvOptions, Decoder, StreamDecoder};

/// How many bytes packed data may become here.
const BUDGET: u64 = 4 << 20;
/// And where it is tried whether they stop there.
const LIMIT: u64 = 64 << 10;
/// How many bytes of text are taken.
const TAKEN: usize = 8 << 20;
/// How many elements are compared.
const COMPARED: usize = 1_000;

/// A line of words that name the decoder, the outermost first, and then the body: `zip csv ; latin-1`.
pub(super) fn decode(data: &[u8]) {
    let Some((words, body)) = first_line(data) else { return };
    let content_type = words.split_once(" as ").map(|(_, content_type)| content_type);
    let Some(decoder) = decoder(&mut words.split(' '), 4) else { return };
    if is_packed(&decoder) {
        require_limit(&decoder, body);
    }
    let (whole, failed) =
        elements(|sink| decoder.decode(Body { bytes: body, content_type, budget: Budget::of(BUDGET) }, sink));
    let mut pieces = Pieces { bytes: body, length: 1 + body.len() % 7 };
    // Where a body is read to its end by other rules, what packs it knows no budget of ours.
    if decoder.is_streamed() && !is_packed(&decoder) {
        let (streamed, broke) = elements(|sink| decoder.decode_from(&mut pieces, sink));
        // Text is made of as many bytes as there are, so what comes shortly before a fault may be lost with it.
        let is_same = if failed { streamed.iter().zip(&whole).all(|(a, b)| a == b) } else { streamed == whole };
        assert!(is_same && broke == failed, "pieces make a difference to {decoder:?}: {streamed:?} {whole:?}");
    }
    let mut pieces = Pieces { bytes: body, length: 4_096 };
    let _ = decoder.text(&mut pieces, content_type, &mut Room(TAKEN));
}

/// The first elements, and whether an error came after them.
fn elements(decode: impl FnOnce(&mut crate::plan::decoder::Sink<'_>) -> Result<()>) -> (Vec<Value>, bool) {
    let mut elements = Vec::new();
    let decoded = decode(&mut |element| {
        elements.push(element);
        Ok(if elements.len() < COMPARED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    });
    (elements, decoded.is_err())
}

fn decoder<'w>(words: &mut impl Iterator<Item = &'w str>, depth: usize) -> Option<Decoder> {
    let word = words.next()?;
    let mut inner = || decoder(words, depth.checked_sub(1)?).map(Box::new);
    Some(match word {
        "gzip" => Decoder::Gzip(inner()?),
        "zlib" => Decoder::Zlib(inner()?),
        "zstd" => Decoder::Zstd(inner()?),
        "bzip2" => Decoder::Bzip2(inner()?),
        "zip" => Decoder::Zip(inner()?),
        "json" => Decoder::Json,
        "jsonl" => Decoder::Jsonl,
        "lines" => Decoder::Iterable,
        "xml" => Decoder::Xml,
        "items" => {
            let path = words.next().unwrap_or_default().to_owned();
            Decoder::JsonItems { path, encoding: words.next().unwrap_or("utf-8").to_owned() }
        }
        "csv" => {
            let delimiter = words.next().unwrap_or(",").to_owned();
            let encoding = words.next().unwrap_or("utf-8").to_owned();
            let skip_rows = words.next().and_then(|rows| rows.parse().ok()).unwrap_or(0);
            Decoder::Csv(CsvOptions { delimiter, encoding, skip_rows, ..CsvOptions::default() })
        }
        _ => return None,
    })
}

fn is_packed(decoder: &Decoder) -> bool {
    matches!(decoder, Decoder::Gzip(_) | Decoder::Zlib(_) | Decoder::Zstd(_) | Decoder::Bzip2(_) | Decoder::Zip(_))
}

/// Nobody is given more bytes of one piece of packed data than they may become, and more of them are an error.
fn require_limit(decoder: &Decoder, body: &[u8]) {
    // Data that is not packed is as long as it is.
    let most = LIMIT.max(body.len() as u64);
    let given = |limit| {
        let counter = Counter::default();
        let body = Body { bytes: body, content_type: None, budget: Budget::of(limit) };
        let decoded = counter.behind(decoder).decode(body, &mut |_| Ok(ControlFlow::Continue(())));
        (counter.0.load(Ordering::Relaxed), decoded.is_err())
    };
    let (taken, failed) = given(LIMIT);
    assert!(taken <= most, "{decoder:?} gives {taken} bytes, where {most} are allowed");
    let (wanted, _) = given(2 * LIMIT);
    assert!(
        wanted <= most || failed,
        "{decoder:?} leaves bytes out and says nothing: {wanted}, where {most} are allowed"
    );
}

/// Takes the place of the innermost decoder, and keeps the length of the longest piece of data that comes there.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicU64>);

impl Counter {
    fn behind(&self, decoder: &Decoder) -> Decoder {
        let inner = |inner: &Decoder| Box::new(self.behind(inner));
        match decoder {
            Decoder::Gzip(decoder) => Decoder::Gzip(inner(decoder)),
            Decoder::Zlib(decoder) => Decoder::Zlib(inner(decoder)),
            Decoder::Zstd(decoder) => Decoder::Zstd(inner(decoder)),
            Decoder::Bzip2(decoder) => Decoder::Bzip2(inner(decoder)),
            Decoder::Zip(decoder) => Decoder::Zip(inner(decoder)),
            _ => Decoder::Own(Arc::new(self.clone())),
        }
    }
}

impl StreamDecoder for Counter {
    fn decode(&self, body: &mut dyn Read, _: &mut dyn FnMut(Value) -> Result<()>) -> Result<()> {
        io::copy(body, &mut Piece { longest: &self.0, length: 0 }).map_err(Error::of_body)?;
        Ok(())
    }
}

/// Counts bytes and forgets them.
struct Piece<'c> {
    longest: &'c AtomicU64,
    length: u64,
}

impl Write for Piece<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.length += bytes.len() as u64;
        self.longest.fetch_max(self.length, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes that arrive a few at a time.
struct Pieces<'b> {
    bytes: &'b [u8],
    length: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.length.min(buffer.len());
        (&mut self.bytes).take(length as u64).read(buffer)
    }
}

/// Takes so many bytes and forgets them.
struct Room(usize);

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
