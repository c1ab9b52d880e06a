//! Decoders: from the bytes of an answer to JSON values, as the Python CDK reads them.
//!
//! A decoder hands its elements over one by one, so what is held at a time is the body and one element.
//! What is compressed inside of the body is read as a stream and counted, so that a small body cannot grow without end.

mod archive;
mod build;
mod charset;
mod csv;
mod items;
mod json;
mod limit;
mod lines;
mod parser;
#[cfg(test)]
mod tests;
mod xml;

use std::io::Read;
use std::ops::ControlFlow;

use serde_json::Value;

pub(crate) use self::csv::CsvOptions;
use crate::error::Result;
use limit::hold;

/// How many bytes the compressed parts of one body may have when they are unpacked: 4 GiB.
pub(crate) const DEFAULT_LIMIT: u64 = 4 << 30;

/// How the body of an answer becomes elements.
#[derive(Clone, Debug)]
pub(crate) enum Decoder {
    /// The elements of an array, or the value itself. A body that is not JSON is one `{}`.
    /// Inside of an archive such a body is an error instead.
    Json,
    /// One JSON value per line; other lines are left out with a warning.
    Jsonl,
    /// `{"record": line}` for every line of text.
    Iterable,
    /// One object of texts per row below the header.
    Csv(CsvOptions),
    /// The elements of arrays inside of one JSON document, read without holding the document.
    JsonItems {
        /// The keys down to the array, joined with dots; `item` stands for every element of an array on the way.
        path: String,
        /// Python's name of the encoding.
        encoding: String,
    },
    /// The document as one object whose only key is the root element.
    Xml,
    /// Unpacks gzip if the data begins like gzip, and leaves other data as it is.
    Gzip(Box<Decoder>),
    /// Every member of a zip archive, in order.
    Zip(Box<Decoder>),
}

/// Takes elements: `Break` ends the decoding early, an error ends it with that error.
pub(crate) type Sink<'s> = dyn FnMut(Value) -> Result<ControlFlow<()>> + 's;

/// A [`Sink`] inside of the decoders, where an error of the sink is a `Break` like any other.
type Emit<'e> = dyn FnMut(Value) -> ControlFlow<()> + 'e;

/// The body of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'b> {
    /// The bytes without the `Content-Encoding` of the transport.
    pub(crate) bytes: &'b [u8],
    /// The header of that name; it says how XML is encoded.
    pub(crate) content_type: Option<&'b str>,
    /// How many bytes the compressed parts may have when they are unpacked.
    pub(crate) limit: u64,
}

impl<'b> Body<'b> {
    /// A body with the [`DEFAULT_LIMIT`].
    pub(crate) fn new(bytes: &'b [u8], content_type: Option<&'b str>) -> Self {
        Self { bytes, content_type, limit: DEFAULT_LIMIT }
    }
}

impl Decoder {
    /// Hands the elements of the body to `sink`, one by one, until that breaks or fails.
    ///
    /// # Errors
    /// Those of `sink`, unchanged; else a system error for a body that cannot be read. Elements before the
    /// fault may have been handed over by then.
    pub(crate) fn decode(&self, body: Body<'_>, sink: &mut Sink<'_>) -> Result<()> {
        let mut refusal = None;
        let decoded = self.whole(body, &mut |element| {
            sink(element).unwrap_or_else(|error| {
                refusal = Some(error);
                ControlFlow::Break(())
            })
        });
        match refusal {
            Some(error) => Err(error),
            None => decoded.map(|_| ()),
        }
    }

    /// Whether the Python CDK reads the body as a stream; templates of a paginator then see `{}` as `response`.
    pub(crate) fn is_streamed(&self) -> bool {
        match self {
            Self::Jsonl | Self::Iterable | Self::Csv(_) | Self::JsonItems { .. } | Self::Gzip(_) => true,
            Self::Json | Self::Xml | Self::Zip(_) => false,
        }
    }

    /// Decodes a body that came over HTTP.
    fn whole(&self, body: Body<'_>, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
        match self {
            Self::Json => json::lenient(body.bytes, emit),
            Self::Xml => xml::document(body, emit),
            Self::Zip(inner) => archive::zip(body, inner, emit),
            _ => self.stream(&mut { body.bytes }, body.limit, emit),
        }
    }

    /// Decodes what can be read from `source`: a body, or a part of an archive.
    fn stream(&self, source: &mut dyn Read, limit: u64, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
        match self {
            Self::Json => json::strict(&hold(source)?, emit),
            Self::Jsonl => lines::json(source, emit),
            Self::Iterable => lines::text(source, emit),
            Self::Csv(options) => csv::rows(source, options, emit),
            Self::JsonItems { path, encoding } => items::items(source, path, encoding, emit),
            Self::Gzip(inner) => archive::gzip(source, limit, inner, emit),
            Self::Xml | Self::Zip(_) => self.whole(Body { bytes: &hold(source)?, content_type: None, limit }, emit),
        }
    }
}
