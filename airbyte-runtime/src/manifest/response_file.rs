//! A `ResponseToFileExtractor`: rows of comma-separated values as pandas reads them, from a body that may be compressed.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::plan::decoder::{Budget, Packing, StreamDecoder, Widening, unless_html};

/// What pandas takes for a missing value.
const MISSING: [&str; 18] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan",
];

/// Reads rows below a header; every value is a text, or null where it is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResponseFile {
    /// Whether only an empty value is missing.
    pub(super) preserve_na_values: bool,
}

impl StreamDecoder for ResponseFile {
    fn decode(&self, body: &mut dyn Read, yield_value: &mut dyn FnMut(Value) -> Result<()>) -> Result<()> {
        let budget = Budget::default();
        Packing::Gzip.unpack(body, &budget, |body| {
            Packing::Zlib.unpack(body, &budget, |body| self.rows(WithoutNulls(unless_html(body)?), yield_value))
        })
    }
}

impl ResponseFile {
    fn rows(self, source: impl Read, yield_value: &mut dyn FnMut(Value) -> Result<()>) -> Result<()> {
        let unreadable = |error: csv::Error| match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::of_body(error),
            kind => Error::system("the downloaded rows cannot be read as comma-separated values")
                .with_detail(format!("{kind:?}")),
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
        let header = reader.headers().map_err(unreadable)?;
        let mut widening = Widening::of(header)?;
        let header = columns(header);
        for row in reader.records() {
            let row = row.map_err(unreadable)?;
            widening.take(&row)?;
            if row.len() > header.len() {
                return Err(Error::system(format!(
                    "a downloaded row has {} values, but the header has {}",
                    row.len(),
                    header.len()
                )));
            }
            let value = |at: usize| match row.get(at) {
                Some(text) if !self.is_missing(text) => Value::from(text),
                _ => Value::Null,
            };
            let record: Map<String, Value> =
                header.iter().enumerate().map(|(at, name)| (name.clone(), value(at))).collect();
            yield_value(Value::Object(record))?;
        }
        Ok(())
    }

    fn is_missing(self, text: &str) -> bool {
        text.is_empty() || (!self.preserve_na_values && (text == "null" || MISSING.contains(&text)))
    }
}

/// The names of the columns; pandas numbers those that come again, and those that have none.
fn columns(header: &csv::StringRecord) -> Vec<String> {
    let mut taken = HashSet::with_capacity(header.len());
    // The number that a name which comes again gets at least.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let names = header.iter().enumerate().map(|(at, name)| {
        let name = name.strip_prefix('\u{feff}').filter(|_| at == 0).unwrap_or(name);
        let mut name = if name.is_empty() { format!("Unnamed: {at}") } else { name.to_owned() };
        if taken.contains(&name) {
            let number = numbers.entry(name.clone()).or_insert(1);
            while taken.contains(&format!("{name}.{number}")) {
                *number += 1;
            }
            name = format!("{name}.{number}");
        }
        taken.insert(name.clone());
        name
    });
    names.collect()
}

/// Bytes without zeros, which some APIs put into text.
struct WithoutNulls<R>(R);

impl<R: Read> Read for WithoutNulls<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let taken = self.0.read(buffer)?;
            let mut kept = 0;
            for at in 0..taken {
                if buffer.get(at).is_some_and(|byte| *byte != 0) {
                    buffer.swap(kept, at);
                    kept += 1;
                }
            }
            if kept > 0 || taken == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use serde_json::json;

    use super::*;

    fn rows(bytes: &[u8], preserve_na_values: bool) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        ResponseFile { preserve_na_values }.decode(&mut { bytes }, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    #[test]
    fn values_are_texts_or_missing() {
        let text = b"id,name,name\n1,NA,\"a,\"\"b\"\"\"\n\n2\n";
        let expected =
            [json!({"id": "1", "name": null, "name.1": "a,\"b\""}), json!({"id": "2", "name": null, "name.1": null})];
        assert_eq!(rows(text, false).unwrap(), expected);
        assert_eq!(rows(text, true).unwrap()[0]["name"], "NA");
        assert_eq!(rows(b"", false).unwrap(), [json!(null); 0]);
        assert_eq!(rows(b",a\nx\0y,1\n", false).unwrap(), [json!({"Unnamed: 0": "xy", "a": "1"})]);
        assert!(rows(b"a\n1,2\n", false).is_err());
        let busy = rows(b"<html>\n<body>busy</body>\n</html>\n", false).unwrap_err();
        assert_eq!(busy.kind(), crate::error::ErrorKind::Transient, "{busy}");
    }

    #[test]
    fn compressed_bodies_are_unpacked() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(b"id\n1\n").unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"id\n1\n").unwrap();
        for body in [gzip.finish().unwrap(), zlib.finish().unwrap()] {
            assert_eq!(rows(&body, false).unwrap(), [json!({"id": "1"})]);
        }
    }
}
