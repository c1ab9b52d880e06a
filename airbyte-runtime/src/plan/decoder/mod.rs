//! Decoders: from the bytes of an answer to its records, as a stream.
//!
//! A decoder gives elements, JSON values that are handed over one by one, for a manifest (`elements.rs`); or it gives
//! JSON text, in which the scanner finds the records, for structs (`text.rs`). What is held at a time is one element,
//! or one piece of text; only XML and a JSON element are documents that are held as a whole.
//! What is compressed is counted, so that a small body cannot grow without end.

#[cfg(any(feature = "csv", feature = "xml"))]
mod charset;
#[cfg(feature = "csv")]
mod columns;
#[cfg(feature = "csv")]
mod csv;
#[cfg(any(feature = "csv", feature = "xml"))]
mod html;
#[cfg(feature = "xml")]
mod http_text;
mod limit;
mod lines;
mod packing;
mod text;
#[cfg(feature = "csv")]
mod transcoder;
#[cfg(feature = "xml")]
mod xml;
#[cfg(feature = "zip")]
mod zip;

#[cfg(feature = "manifest")]
mod build;
#[cfg(feature = "manifest")]
mod elements;
#[cfg(feature = "manifest")]
mod items;
#[cfg(feature = "manifest")]
mod json;
#[cfg(feature = "manifest")]
mod parser;
#[cfg(all(test, feature = "manifest"))]
mod tests;

use std::fmt;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

#[cfg(feature = "csv")]
pub(crate) use self::csv::CsvOptions;
#[cfg(feature = "manifest")]
pub(crate) use self::csv::{Widening, unless_html};
pub(crate) use self::limit::Budget;
#[cfg(feature = "manifest")]
pub(crate) use self::packing::Packing;
use crate::error::Result;

/// How the body of an answer becomes elements, or JSON text.
#[derive(Clone, Debug)]
pub(crate) enum Decoder {
    /// As elements: those of an array, or the value itself. A body that is not meant to be JSON is one `{}`.
    /// Inside of an archive such a body is an error instead. As text: the body.
    Json,
    /// One JSON value per line; as elements, other lines are left out with a warning, unless there are no others.
    Jsonl,
    /// `{"record": line}` for every line of text.
    Iterable,
    /// One object per row below the header: of texts, or of what the columns are.
    #[cfg(feature = "csv")]
    Csv(CsvOptions),
    /// The elements of arrays inside of one JSON document, read without holding the document.
    #[cfg(feature = "manifest")]
    JsonItems {
        /// The keys down to the array, joined with dots; `item` stands for every element of an array on the way.
        path: String,
        /// Python's name of the encoding.
        encoding: String,
    },
    /// The document as one object whose only key is the root element; as elements, a text that is not meant to be XML
    /// is one `{}`.
    #[cfg(feature = "xml")]
    Xml,
    /// Unpacks gzip if the data begins like gzip, and leaves other data as it is.
    Gzip(Box<Decoder>),
    /// The same for zlib, which HTTP calls `deflate`.
    Zlib(Box<Decoder>),
    /// The same for Zstandard.
    #[cfg(feature = "zstd")]
    Zstd(Box<Decoder>),
    /// The same for bzip2.
    #[cfg(feature = "bzip2")]
    Bzip2(Box<Decoder>),
    /// Every member of a zip archive, in order.
    #[cfg(feature = "zip")]
    Zip(Box<Decoder>),
    /// A decoder of the connector's own.
    Own(Arc<dyn StreamDecoder>),
    /// The same for a manifest, which has no name for what it decodes.
    #[cfg(feature = "manifest")]
    Custom(Arc<dyn CustomDecoder>),
}

/// Reads a format of its own.
///
/// ```
/// use std::io::{BufRead, BufReader, Read};
///
/// use airbyte_runtime::plan::{StreamDecoder, Value};
/// use airbyte_runtime::{Error, Result};
/// use serde_json::json;
///
/// /// Lines of the form `key=value`.
/// struct Pairs;
///
/// impl StreamDecoder for Pairs {
///     fn decode(&self, body: &mut dyn Read, yield_value: &mut dyn FnMut(Value) -> Result<()>) -> Result<()> {
///         for line in BufReader::new(body).lines() {
///             let line = line.map_err(Error::of_body)?;
///             if let Some((key, value)) = line.split_once('=') {
///                 yield_value(json!({ "key": key, "value": value }))?;
///             }
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait StreamDecoder: Send + Sync + 'static {
    /// Reads the body to its end and yields values, among which the stream's `records` path is looked for in each.
    ///
    /// It runs on a thread of its own if the body is long, and reads what has arrived: it need not hold the body.
    ///
    /// # Errors
    /// The errors of `yield_value` as they are, those of `body` through [`Error::of_body`](crate::Error::of_body), and
    /// a system error for a body that cannot be understood.
    fn decode(&self, body: &mut dyn Read, yield_value: &mut dyn FnMut(Value) -> Result<()>) -> Result<()>;
}

/// A decoder that the connector of a manifest brings along.
#[cfg(feature = "manifest")]
pub(crate) trait CustomDecoder: Send + Sync + 'static {
    /// Hands every element to `sink` until that breaks or fails.
    ///
    /// # Errors
    /// Those of `sink`, unchanged, and a system error for a body that cannot be read.
    fn decode(&self, body: Body<'_>, sink: &mut Sink<'_>) -> Result<()>;
}

/// Takes elements: `Break` ends the decoding early, an error ends it with that error.
pub(crate) type Sink<'s> = dyn FnMut(Value) -> Result<ControlFlow<()>> + 's;

/// A [`Sink`] inside of the decoders, where an error of the sink is a `Break` like any other.
#[cfg(feature = "manifest")]
type Emit<'e> = dyn FnMut(Value) -> ControlFlow<()> + 'e;

/// The body of an answer.
#[cfg(any(feature = "manifest", feature = "xml"))]
#[derive(Clone, Debug)]
pub(crate) struct Body<'b> {
    /// The bytes without the `Content-Encoding` of the transport.
    pub(crate) bytes: &'b [u8],
    /// The header of that name; it says how XML is encoded.
    pub(crate) content_type: Option<&'b str>,
    /// How many bytes the compressed parts may have together when they are unpacked.
    #[cfg(feature = "manifest")]
    pub(crate) budget: Budget,
}

#[cfg(feature = "manifest")]
impl<'b> Body<'b> {
    /// A body with the usual budget.
    pub(crate) fn new(bytes: &'b [u8], content_type: Option<&'b str>) -> Self {
        Self { bytes, content_type, budget: Budget::default() }
    }
}

impl Decoder {
    /// How many bytes of a body may be decoded at once, before it is better read as it arrives: what is compressed
    /// grows, and zstd and bzip2 know no bound for that.
    pub(crate) fn at_once(&self) -> usize {
        match self {
            // What a decoder of its own unpacks is not known.
            Self::Gzip(_) | Self::Zlib(_) | Self::Own(_) => 64 << 10,
            #[cfg(feature = "zip")]
            Self::Zip(_) => 64 << 10,
            #[cfg(feature = "zstd")]
            Self::Zstd(_) => 0,
            #[cfg(feature = "bzip2")]
            Self::Bzip2(_) => 0,
            _ => 1 << 20,
        }
    }

    /// Whether a whole document is held while it is decoded.
    pub(crate) fn holds_documents(&self) -> bool {
        match self {
            #[cfg(feature = "xml")]
            Self::Xml => true,
            Self::Gzip(inner) | Self::Zlib(inner) => inner.holds_documents(),
            #[cfg(feature = "zstd")]
            Self::Zstd(inner) => inner.holds_documents(),
            #[cfg(feature = "bzip2")]
            Self::Bzip2(inner) => inner.holds_documents(),
            _ => false,
        }
    }

    /// The same with values of the types that the columns of the schema have, where rows are texts.
    pub(crate) fn for_columns(self, schema: fn() -> Value) -> Self {
        let inner = |inner: Box<Self>| Box::new(inner.for_columns(schema));
        match self {
            #[cfg(feature = "csv")]
            Self::Csv(options) => Self::Csv(CsvOptions { columns: columns::Columns::of(&schema()), ..options }),
            Self::Gzip(decoder) => Self::Gzip(inner(decoder)),
            Self::Zlib(decoder) => Self::Zlib(inner(decoder)),
            #[cfg(feature = "zstd")]
            Self::Zstd(decoder) => Self::Zstd(inner(decoder)),
            #[cfg(feature = "bzip2")]
            Self::Bzip2(decoder) => Self::Bzip2(inner(decoder)),
            #[cfg(feature = "zip")]
            Self::Zip(decoder) => Self::Zip(inner(decoder)),
            other => other,
        }
    }

    /// What is left to do once the data is unpacked.
    #[cfg(feature = "manifest")]
    pub(crate) fn unpacked(&self) -> &Self {
        match self {
            Self::Gzip(inner) | Self::Zlib(inner) => inner.unpacked(),
            #[cfg(feature = "zip")]
            Self::Zip(inner) => inner.unpacked(),
            #[cfg(feature = "zstd")]
            Self::Zstd(inner) => inner.unpacked(),
            #[cfg(feature = "bzip2")]
            Self::Bzip2(inner) => inner.unpacked(),
            other => other,
        }
    }
}

/// Whether there is an encoding of this name.
#[cfg(all(test, feature = "csv"))]
pub(crate) fn knows_encoding(name: &str) -> bool {
    charset::Charset::named(name).is_ok()
}

impl<D: StreamDecoder + ?Sized> StreamDecoder for &'static D {
    fn decode(&self, body: &mut dyn Read, yield_value: &mut dyn FnMut(Value) -> Result<()>) -> Result<()> {
        (**self).decode(body, yield_value)
    }
}

impl fmt::Debug for dyn StreamDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamDecoder")
    }
}

#[cfg(feature = "manifest")]
impl fmt::Debug for dyn CustomDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomDecoder")
    }
}
