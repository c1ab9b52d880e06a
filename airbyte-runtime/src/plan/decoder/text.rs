//! Bodies as JSON text: document after document, for the scanner that finds the records in it.
//!
//! Nothing is parsed that need not be, and no value is built: rows become objects byte by byte.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use super::packing::Packing;
use super::{Budget, Decoder, lines};
use crate::error::{Error, Result};

impl Decoder {
    /// Writes the body as JSON documents, each behind a line break of the one before it, or as it came if it is JSON.
    ///
    /// # Errors
    /// A body that cannot be read; the errors of `source` and `out` as they are, if they hold ours.
    pub(crate) fn text(&self, source: &mut dyn Read, content_type: Option<&str>, out: &mut dyn Write) -> Result<()> {
        self.write(source, content_type, &Budget::default(), out)
    }

    pub(super) fn write(
        &self,
        source: &mut dyn Read,
        content_type: Option<&str>,
        budget: &Budget,
        out: &mut dyn Write,
    ) -> Result<()> {
        let mut unpacked = |packing: Packing, inner: &Self, out: &mut dyn Write| {
            packing.unpack(source, budget, |source| inner.write(source, content_type, budget, out))
        };
        match self {
            Self::Gzip(inner) => unpacked(Packing::Gzip, inner, out),
            Self::Zlib(inner) => unpacked(Packing::Zlib, inner, out),
            #[cfg(feature = "zstd")]
            Self::Zstd(inner) => unpacked(Packing::Zstd, inner, out),
            #[cfg(feature = "bzip2")]
            Self::Bzip2(inner) => unpacked(Packing::Bzip2, inner, out),
            Self::Json | Self::Jsonl => {
                // Nothing is added: a line break behind a text that is cut would belong to the text.
                io::copy(source, out).map(drop).map_err(Error::of_body)
            }
            Self::Iterable => {
                let _: ControlFlow<()> = lines::text(source, &mut |line| {
                    out.write_all(b"{\"record\":").map_err(Error::of_body)?;
                    string(line, out)?;
                    out.write_all(b"}\n").map_err(Error::of_body)?;
                    Ok(ControlFlow::Continue(()))
                })?;
                Ok(())
            }
            #[cfg(feature = "csv")]
            Self::Csv(options) => super::columns::write(source, options, out),
            #[cfg(feature = "xml")]
            Self::Xml => {
                let bytes = super::limit::hold(source)?;
                let body = super::Body {
                    bytes: &bytes,
                    content_type,
                    #[cfg(feature = "manifest")]
                    budget: budget.clone(),
                };
                value(&super::xml::document(body)?, out)
            }
            #[cfg(feature = "zip")]
            Self::Zip(inner) => {
                let _: ControlFlow<()> = super::zip::members(super::zip::spooled(source)?, budget, &mut |member| {
                    inner.write(member, None, budget, out)?;
                    out.write_all(b"\n").map(ControlFlow::Continue).map_err(Error::of_body)
                })?;
                Ok(())
            }
            Self::Own(own) => own.decode(source, &mut |element| value(&element, out)),
            #[cfg(feature = "manifest")]
            Self::JsonItems { .. } | Self::Custom(_) => {
                self.decode_from(source, &mut |element| value(&element, out).map(ControlFlow::Continue))
            }
        }
    }
}

/// A value on a line of its own.
fn value(value: &serde_json::Value, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer(&mut *out, value).map_err(|error| Error::of_body(error.into()))?;
    out.write_all(b"\n").map_err(Error::of_body)
}

/// A text as JSON.
pub(super) fn string(text: &str, out: &mut dyn Write) -> Result<()> {
    serde_json::to_writer(out, text).map_err(|error| match io::Error::from(error).downcast::<Error>() {
        Ok(ours) => ours,
        Err(error) => Error::system("a text cannot be written as JSON").with_source(error),
    })
}
