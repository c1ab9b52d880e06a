//! The benchmark stream: issue-like records whose pages are made once and sent without a copy.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use airbyte_runtime::testing::Request;
use bytes::{Bytes, BytesMut};

use crate::data::{START, instant};
use crate::endpoints::{Answer, ok, with_next_link};
use crate::parameters::{Number, Refusal};

const DEFAULT_SIZE: usize = 500;
const DEFAULT_PAGE: usize = 100;

/// With six seconds between two records this many stay within 2024.
const MAX_TOTAL: usize = 5_000_000;
const SECONDS_BETWEEN: u32 = 6;

/// What all streams together may take in memory.
const MAX_BYTES: usize = 3 << 30;

/// The streams that were asked for, the newest one last; the oldest make room for it.
pub(crate) struct Records {
    default_total: usize,
    streams: Mutex<VecDeque<(Shape, Arc<[Bytes]>)>>,
}

/// What tells one stream from another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    total: usize,
    size: usize,
    per_page: usize,
}

impl Records {
    pub(crate) fn new(default_total: usize) -> Self {
        Self { default_total, streams: Mutex::default() }
    }

    /// Makes the pages of the default stream.
    pub(crate) fn prepare(&self) -> Result<(), String> {
        let shape = Shape { total: self.default_total, size: DEFAULT_SIZE, per_page: DEFAULT_PAGE };
        shape.check()?;
        self.stream(shape);
        Ok(())
    }

    pub(crate) fn page(&self, request: &Request) -> Answer {
        let total = Number { name: "total", default: self.default_total, min: 0, max: usize::MAX };
        let size = Number { name: "size", default: DEFAULT_SIZE, min: 0, max: 1_000_000 };
        let page = Number::page().of_query(request)?;
        let shape = Shape {
            total: total.of_query(request)?,
            size: size.of_query(request)?,
            per_page: Number::page_size("per_page", DEFAULT_PAGE, 10_000).of_query(request)?,
        };
        shape.check().map_err(|message| Refusal::new(400, "invalid_parameter", message))?;
        let pages = self.stream(shape);
        let body = pages.get(page - 1).cloned().unwrap_or(Bytes::from_static(b"[]"));
        Ok(with_next_link(ok(body), request, page, pages.len()))
    }

    fn stream(&self, shape: Shape) -> Arc<[Bytes]> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pages)) = streams.iter().find(|(known, _)| *known == shape) {
            return pages.clone();
        }
        while streams.iter().map(|(known, _)| known.bytes()).sum::<usize>() + shape.bytes() > MAX_BYTES {
            if streams.pop_front().is_none() {
                break;
            }
        }
        let pages = shape.pages();
        streams.push_back((shape, pages.clone()));
        pages
    }
}

impl Shape {
    fn check(self) -> Result<(), String> {
        if self.total > MAX_TOTAL {
            return Err(format!("total has to be at most {MAX_TOTAL}, not {}", self.total));
        }
        if self.bytes() > MAX_BYTES {
            return Err(format!("{} records of {} bytes are more than {MAX_BYTES} bytes", self.total, self.size));
        }
        Ok(())
    }

    /// About what the stream takes; an empty one is not for nothing, so that their number is bounded too.
    fn bytes(self) -> usize {
        (self.total + 1).saturating_mul(self.size.max(DEFAULT_SIZE))
    }

    fn pages(self) -> Arc<[Bytes]> {
        let writer = Writer::new(self.size);
        let mut buffer = BytesMut::with_capacity(self.total * (self.size + 1) + self.total.div_ceil(self.per_page) * 2);
        let mut ends = Vec::with_capacity(self.total.div_ceil(self.per_page));
        for first in (0..self.total).step_by(self.per_page) {
            let last = (first + self.per_page).min(self.total);
            for index in first..last {
                buffer.extend_from_slice(if index == first { b"[" } else { b"," });
                writer.write(index as u32, &mut buffer);
            }
            buffer.extend_from_slice(b"]");
            ends.push(buffer.len());
        }
        let buffer = buffer.freeze();
        let mut start = 0;
        ends.into_iter().map(|end| buffer.slice(std::mem::replace(&mut start, end)..end)).collect()
    }
}

/// Writes records by joining texts that are made beforehand.
struct Writer {
    size: usize,
    /// From the title to the labels; the record's number chooses one.
    middles: Vec<String>,
    /// `2024-01-01T` and so on.
    days: Vec<String>,
    padding: String,
}

impl Writer {
    fn new(size: usize) -> Self {
        const SENTENCE: &str = "The source stops after the second page and reports no error. ";
        let day = |number: u32| {
            let mut text = instant(START + i64::from(number) * 86_400);
            text.truncate("2024-01-01T".len());
            text
        };
        Self {
            size,
            middles: (0..60).map(middle).collect(),
            days: (0..366).map(day).collect(),
            padding: SENTENCE.repeat(size / SENTENCE.len() + 1),
        }
    }

    /// Writes the record with the identifier `index + 1`, in `size` bytes unless its fixed parts need more.
    fn write(&self, index: u32, buffer: &mut BytesMut) {
        let start = buffer.len();
        let mut digits = [0; 10];
        let id = decimal(index + 1, &mut digits);
        buffer.extend_from_slice(b"{\"id\":");
        buffer.extend_from_slice(id);
        buffer.extend_from_slice(b",\"number\":");
        buffer.extend_from_slice(id);
        buffer.extend_from_slice(self.middles[index as usize % self.middles.len()].as_bytes());
        buffer.extend_from_slice(b",\"updated_at\":\"");
        self.write_instant(index * SECONDS_BETWEEN, buffer);
        buffer.extend_from_slice(b"\",\"body\":\"");
        let written = buffer.len() - start + "\"}".len();
        let padding = self.size.saturating_sub(written);
        buffer.extend_from_slice(self.padding.get(..padding).unwrap_or_default().as_bytes());
        buffer.extend_from_slice(b"\"}");
    }

    /// Writes the instant that is so many seconds after the start of 2024.
    fn write_instant(&self, seconds: u32, buffer: &mut BytesMut) {
        let (day, time) = (seconds / 86_400, seconds % 86_400);
        buffer.extend_from_slice(self.days[day as usize % self.days.len()].as_bytes());
        let mut text = *b"00:00:00Z";
        for (place, value) in [(0, time / 3_600), (3, time / 60 % 60), (6, time % 60)] {
            text[place] = b'0' + (value / 10) as u8;
            text[place + 1] = b'0' + (value % 10) as u8;
        }
        buffer.extend_from_slice(&text);
    }
}

fn middle(variant: usize) -> String {
    const LABELS: [(&str, &str); 4] =
        [("bug", "d73a4a"), ("enhancement", "a2eeef"), ("documentation", "0075ca"), ("good first issue", "7057ff")];
    const TITLES: [&str; 5] =
        ["Timeout while reading", "Schema has no nulls", "Café is cut off", "Cursor goes back", "Say \"why\""];
    let title = serde_json::Value::from(TITLES[variant % TITLES.len()]);
    let (state, closed) =
        if variant.is_multiple_of(3) { ("closed", "\"2024-01-01T00:00:00Z\"") } else { ("open", "null") };
    let label = |number: usize| {
        let (name, color) = LABELS[number % LABELS.len()];
        format!(r#"{{"id":{},"name":"{name}","color":"{color}"}}"#, 1_000 + number % LABELS.len())
    };
    let labels: Vec<String> = (variant..variant + variant % 3).map(label).collect();
    let (user, comments, score) = (variant % 17 + 1, variant * 7 % 50, variant as f64 / 8.0);
    let user = format!(r#"{{"id":{user},"login":"user{user}","type":"User","site_admin":false}}"#);
    format!(
        r#","title":{title},"state":"{state}","locked":false,"comments":{comments},"score":{score},"user":{user},"labels":[{}],"closed_at":{closed}"#,
        labels.join(",")
    )
}

/// The decimal digits of a number.
fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &digits[start..];
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn pages_hold_every_record_once() {
        for (total, size, per_page) in [(0, 500, 10), (1, 500, 10), (100, 700, 10), (101, 0, 10), (5, 500, 100)] {
            let pages = Shape { total, size, per_page }.pages();
            assert_eq!(pages.len(), total.div_ceil(per_page));
            let mut records = Vec::new();
            for page in &*pages {
                let page: Vec<Value> = serde_json::from_slice(page).unwrap();
                assert!(page.len() <= per_page);
                records.extend(page);
            }
            let ids: Vec<_> = records.iter().map(|record| record["id"].as_u64().unwrap() as usize).collect();
            assert_eq!(ids, (1..=total).collect::<Vec<_>>());
            assert!(records.is_sorted_by_key(|record| record["updated_at"].as_str().unwrap().to_owned()));
        }
    }

    #[test]
    fn a_record_has_its_size() {
        let mut buffer = BytesMut::new();
        for index in [0, 1, 9, 12_345, MAX_TOTAL as u32 - 1] {
            for (size, expected) in [(500, 500), (501, 501), (20_000, 20_000)] {
                buffer.clear();
                Writer::new(size).write(index, &mut buffer);
                assert_eq!(buffer.len(), expected);
            }
        }
        let last: Value = serde_json::from_slice(&buffer).unwrap();
        assert_eq!((&last["id"], &last["updated_at"]), (&Value::from(MAX_TOTAL), &Value::from("2024-12-13T05:19:54Z")));
    }

    #[test]
    fn streams_are_kept_and_bounded() {
        let records = Records::new(10);
        let shape = |total| Shape { total, size: 500, per_page: 10 };
        let first = records.stream(shape(1));
        assert!(Arc::ptr_eq(&first, &records.stream(shape(1))));
        records.stream(shape(2));
        assert!(Arc::ptr_eq(&first, &records.stream(shape(1))));
        assert!(shape(MAX_TOTAL + 1).check().is_err());
        assert!(Shape { total: 5_000_000, size: 1_000, per_page: 1 }.check().is_err());
        assert!(shape(MAX_TOTAL).check().is_ok());
    }
}
