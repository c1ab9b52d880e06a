//! Bodies as JSON values, element by element, as the Python CDK reads them.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::build::Values;
use super::limit::hold;
use super::packing::Packing;
use super::parser::{Numbers, Parser};
use super::{Body, Budget, CsvOptions, Decoder, Emit, Sink, csv, items, json, lines, xml, zip};
use crate::error::{Error, Result};

/// The key of the values of a row that have no header.
const SURPLUS: &str = "null";

impl Decoder {
    /// Hands the elements of the body to `sink`, one by one, until that breaks or fails.
    ///
    /// # Errors
    /// Those of `sink`, unchanged; else a system error for a body that cannot be read. Elements before the
    /// fault may have been handed over by then.
    pub(crate) fn decode(&self, body: Body<'_>, sink: &mut Sink<'_>) -> Result<()> {
        decode(sink, |emit| self.whole(body, emit))
    }

    /// The same for a body that is read as it arrives.
    ///
    /// # Errors
    /// See [`Decoder::decode`]; and those of the source, unchanged.
    pub(crate) fn decode_from(&self, source: &mut dyn Read, sink: &mut Sink<'_>) -> Result<()> {
        decode(sink, |emit| self.stream(source, &Budget::default(), emit))
    }

    /// One JSON value, with the numbers that Python reads.
    pub(crate) fn json(text: &[u8]) -> Option<Value> {
        Parser::new(text, Numbers::Python).document::<Values>().ok()
    }

    /// Whether the Python CDK reads the body as a stream; templates of a paginator then see `{}` as `response`.
    pub(crate) fn is_streamed(&self) -> bool {
        !matches!(self, Self::Json | Self::Xml | Self::Zip(_) | Self::Custom(_))
    }

    /// Decodes a body that came over HTTP.
    fn whole(&self, body: Body<'_>, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
        match self {
            Self::Json => json::lenient(body, emit),
            Self::Xml => xml::lenient(body, emit),
            Self::Zip(inner) => zip::members(Cursor::new(body.bytes), &body.budget, &mut |member| {
                inner.stream(member, &body.budget, emit)
            }),
            Self::Custom(custom) => {
                let mut flow = ControlFlow::Continue(());
                custom.decode(body, &mut |element| {
                    flow = emit(element);
                    Ok(flow)
                })?;
                Ok(flow)
            }
            _ => self.stream(&mut { body.bytes }, &body.budget, emit),
        }
    }

    /// Decodes what can be read from `source`: a body, or a part of an archive.
    fn stream(&self, source: &mut dyn Read, budget: &Budget, emit: &mut Emit<'_>) -> Result<ControlFlow<()>> {
        let mut unpacked = |packing: Packing, inner: &Self, emit: &mut Emit<'_>| {
            packing.unpack(source, budget, |source| inner.stream(source, budget, emit))
        };
        match self {
            Self::Gzip(inner) => unpacked(Packing::Gzip, inner, emit),
            Self::Zlib(inner) => unpacked(Packing::Zlib, inner, emit),
            Self::Zstd(inner) => unpacked(Packing::Zstd, inner, emit),
            Self::Bzip2(inner) => unpacked(Packing::Bzip2, inner, emit),
            Self::Json => json::strict(&hold(source)?, emit),
            Self::Jsonl => lines::json(source, emit),
            Self::Iterable => lines::text(source, &mut |line| {
                Ok(emit(Value::Object(Map::from_iter([("record".to_owned(), Value::from(line))]))))
            }),
            Self::Csv(options) => {
                csv::rows(source, options, &mut |header, row| Ok(emit(Value::Object(object(header, row, options)))))
            }
            Self::JsonItems { path, encoding } => items::items(source, path, encoding, emit),
            Self::Zip(inner) => {
                zip::members(zip::spooled(source)?, budget, &mut |member| inner.stream(member, budget, emit))
            }
            Self::Xml | Self::Custom(_) => {
                let bytes = hold(source)?;
                self.whole(Body { bytes: &bytes, content_type: None, budget: budget.clone() }, emit)
            }
            Self::Own(own) => {
                let mut flow = ControlFlow::Continue(());
                let decoded = own.decode(source, &mut |element| {
                    flow = emit(element);
                    match flow {
                        ControlFlow::Continue(()) => Ok(()),
                        ControlFlow::Break(()) => Err(Error::system("no more values are wanted")),
                    }
                });
                if flow.is_continue() {
                    decoded?;
                }
                Ok(flow)
            }
        }
    }
}

/// Lets `run` emit elements into a sink, whose error is a `Break` to it.
fn decode(sink: &mut Sink<'_>, run: impl FnOnce(&mut Emit<'_>) -> Result<ControlFlow<()>>) -> Result<()> {
    let mut refusal = None;
    let decoded = run(&mut |element| {
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

/// A row as an object of texts: a short row has nulls for the rest; the surplus of a long row is a list under `null`.
fn object(header: &::csv::StringRecord, row: &::csv::StringRecord, options: &CsvOptions) -> Map<String, Value> {
    let mut object = Map::with_capacity(header.len());
    let mut values = row.iter();
    for name in header {
        let value = values.next().filter(|value| !options.is_none(value));
        object.insert(name.to_owned(), value.map_or(Value::Null, Value::from));
    }
    let surplus: Vec<Value> = values.map(Value::from).collect();
    if !surplus.is_empty() {
        object.insert(SURPLUS.to_owned(), Value::Array(surplus));
    }
    object
}
