//! What the Python CDK yields for the same bodies.

mod archives;
mod json;
mod text;
mod xml;

use std::io::Write;
use std::ops::ControlFlow;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::{Body, CsvOptions, Decoder};
use crate::error::Error;

/// The elements of a body, and the message of the error that ended it.
fn decode(decoder: &Decoder, body: Body<'_>) -> (Vec<Value>, Option<String>) {
    let mut elements = Vec::new();
    let outcome = decoder.decode(body, &mut |element| {
        elements.push(element);
        Ok(ControlFlow::Continue(()))
    });
    (elements, outcome.err().map(|error| error.to_string()))
}

/// The elements as JSON, and `!` at the end of those that an error ended.
fn show(decoder: &Decoder, body: &[u8], content_type: Option<&str>) -> String {
    let (elements, error) = decode(decoder, Body::new(body, content_type));
    let mut shown: Vec<String> = elements.iter().map(Value::to_string).collect();
    shown.extend(error.map(|_| "!".to_owned()));
    shown.join(" ")
}

fn check(decoder: &Decoder, cases: &[(&[u8], &str)]) {
    for (body, expected) in cases {
        assert_eq!(show(decoder, body, None), *expected, "{:?}", String::from_utf8_lossy(body));
    }
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_sink_ends_the_decoding() {
    for decoder in [Decoder::Json, Decoder::Zip(Box::new(Decoder::Jsonl)), Decoder::Gzip(Box::new(Decoder::Json))] {
        let body = match decoder {
            Decoder::Json => b"[1,2]".to_vec(),
            Decoder::Gzip(_) => gzip(b"[1,2]"),
            _ => archives::zip(&[("a", b"1\n2\n"), ("b", b"3\n")]),
        };
        let mut seen = 0;
        let outcome = decoder.decode(Body::new(&body, None), &mut |_| {
            seen += 1;
            Ok(ControlFlow::Break(()))
        });
        assert!(outcome.is_ok());
        assert_eq!(seen, 1, "{decoder:?}");
        let outcome = decoder.decode(Body::new(&body, None), &mut |_| Err(Error::config("full")));
        assert_eq!(outcome.unwrap_err().to_string(), "full", "{decoder:?}");
    }
}

#[test]
fn what_python_streams() {
    let gzip = Decoder::Gzip(Box::new(Decoder::Json));
    for decoder in [gzip, Decoder::Jsonl, Decoder::Iterable, Decoder::Csv(CsvOptions::default())] {
        assert!(decoder.is_streamed(), "{decoder:?}");
    }
    for decoder in [Decoder::Json, Decoder::Xml, Decoder::Zip(Box::new(Decoder::Jsonl))] {
        assert!(!decoder.is_streamed(), "{decoder:?}");
    }
}
