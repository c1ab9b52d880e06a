//! One page: a single pass over its bytes that writes the RECORD lines, follows the cursor, and feeds the children.

use std::cell::Cell;
use std::hash::{Hash, Hasher as _};
use std::ops::ControlFlow;

use http::StatusCode;
use serde_json::Value;

use super::checkpoint::OpenSlice;
use super::slice::Newest;
use super::stream::Feed;
use crate::error::{Error, Result};
use crate::http::{HttpClient, Response, Unusable};
use crate::json::{Captured, JsonPath, Record, ScanError, ScanErrorKind, ScanPlan, Scanner, compact_into, repair_into};
use crate::output::now_millis;
use crate::plan::cursor::Cursor;
use crate::plan::record::RecordCell;
use crate::plan::{Hooks, HttpRetriever, Page, PageToken, StreamPlan};
use crate::protocol::RecordEnvelope;

/// Reads the pages of one stream; made once for all of its slices.
pub(super) struct PageReader<'a> {
    client: &'a HttpClient,
    pub(super) retriever: &'a HttpRetriever,
    scan: ScanPlan,
    body_paths: Vec<String>,
    record_paths: Vec<(String, JsonPath)>,
    records: RecordWriter<'a>,
    warned: Cell<bool>,
}

/// Writes the records of one stream as lines.
pub(super) struct RecordWriter<'a> {
    envelope: RecordEnvelope,
    hooks: Hooks,
    cursor: Option<&'a Cursor>,
    feeds: &'a [Feed],
    /// Whether anybody reads the lines.
    emits: bool,
}

/// What a page, or a batch of records, held.
#[derive(Default)]
pub(super) struct Scanned {
    /// Whole RECORD lines.
    pub(super) lines: Vec<u8>,
    pub(super) count: u64,
    pub(super) newest: Newest,
    /// Records in the body, before any filter.
    pub(super) raw_records: u64,
    /// What tells the body from others: its length and its last record.
    pub(super) content: u64,
    /// The same, with the token of the next page.
    pub(super) fingerprint: u64,
    /// For each child, the values of its keys in each record.
    pub(super) fed: Vec<Vec<Vec<Option<Value>>>>,
}

impl<'a> PageReader<'a> {
    pub(super) fn new(
        client: &'a HttpClient,
        stream: &'a StreamPlan,
        retriever: &'a HttpRetriever,
        feeds: &'a [Feed],
        emits: bool,
    ) -> Self {
        let body_paths = retriever.paginator.body_paths();
        let record_paths = retriever.paginator.record_paths();
        let records = RecordWriter::new(stream, feeds, emits);
        let captures = body_paths.iter().map(|path| JsonPath::parse(path)).collect();
        Self {
            client,
            scan: ScanPlan::new(retriever.records.clone(), records.fields(), captures),
            retriever,
            body_paths,
            record_paths: record_paths.into_iter().map(|path| (path.clone(), JsonPath::parse(&path))).collect(),
            records,
            warned: Cell::new(false),
        }
    }

    /// Reads a page: its records, and the token of the next page.
    ///
    /// # Errors
    /// A body that broke off may be asked for again; a body that is not JSON, or records that are not objects, may not.
    pub(super) fn scan(
        &self,
        response: &Response,
        token: Option<&PageToken>,
        slice: &OpenSlice,
    ) -> Result<(Scanned, Option<PageToken>), Unusable> {
        let body: &[u8] = &response.body;
        if response.status == StatusCode::NO_CONTENT || body.is_empty() {
            // Some APIs say so that there is nothing.
            return Ok((Scanned::default(), None));
        }
        let mut batch = self.records.batch(body.len());
        let mut last = None;
        let mut scanner = Scanner::new(&self.scan);
        let mut failure = None;
        let scanned = scanner.feed(body, true, &mut |record| {
            // A record is a part of the body; its place outlives the callback, its slice does not.
            let start = record.bytes.as_ptr().addr().wrapping_sub(body.as_ptr().addr());
            last = Some(start..start.wrapping_add(record.bytes.len()));
            match batch.push(&record, slice) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        if let Some(error) = failure {
            return Err(Unusable::Fatal(error));
        }
        let captured = scanned.and_then(|_| scanner.finish()).map_err(|error| unreadable(&error, response))?;
        self.require_records(&captured, response)?;
        let last = last.and_then(|range| body.get(range));
        let next = self.next(&captured, last, response, token).map_err(Unusable::Fatal)?;
        let content = fingerprint(&(body.len(), last));
        let token = match &next {
            Some(PageToken::Url(url)) => url.as_str().to_owned(),
            Some(PageToken::Value(value)) => value.to_string(),
            None => String::new(),
        };
        let scanned = Scanned {
            raw_records: u64::try_from(captured.records()).unwrap_or(u64::MAX),
            content,
            fingerprint: fingerprint(&(content, token)),
            ..batch.finish()
        };
        Ok((scanned, next))
    }

    fn next(
        &self,
        captured: &Captured,
        last: Option<&[u8]>,
        response: &Response,
        token: Option<&PageToken>,
    ) -> Result<Option<PageToken>> {
        let body: Vec<_> = self
            .body_paths
            .iter()
            .enumerate()
            .map(|(at, path)| (path.clone(), captured.get(at).and_then(json)))
            .collect();
        let last_record: Vec<_> = self
            .record_paths
            .iter()
            .map(|(path, at)| (path.clone(), last.and_then(|record| at.get(record)).and_then(json)))
            .collect();
        self.retriever.paginator.next(&Page {
            status: response.status,
            headers: &response.headers,
            url: &response.url,
            records: u64::try_from(captured.records()).unwrap_or(u64::MAX),
            token,
            body: &body,
            last_record: &last_record,
        })
    }

    /// A page without the record path is suspicious: it may be an error that came with status 200, or a wrong path.
    fn require_records(&self, captured: &Captured, response: &Response) -> Result<(), Unusable> {
        if captured.path_found() || self.retriever.records.is_empty() {
            return Ok(());
        }
        let keys = captured.top_level_keys();
        if keys.iter().any(|key| matches!(key.as_str(), "error" | "errors")) {
            let said = self.client.api_message(&response.body).unwrap_or_else(|| "no reason".to_owned());
            return Err(Unusable::Fatal(Error::system(format!(
                "the API answered with an error in place of records: {said}"
            ))));
        }
        if !self.warned.replace(true) {
            tracing::warn!(
                "a page has no `{}`, where its records should be; its keys are {}",
                self.retriever.records,
                keys.join(", ")
            );
        }
        Ok(())
    }
}

fn fingerprint(value: &impl Hash) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn json(raw: &[u8]) -> Option<Value> {
    serde_json::from_slice(raw).ok()
}

fn unreadable(error: &ScanError, response: &Response) -> Unusable {
    let start = response.body.trim_ascii_start();
    if start.first() == Some(&b'<') {
        let error =
            Error::system("the API answered with HTML or XML where JSON was expected; check the base URL and the path");
        return Unusable::Fatal(error.with_detail(format!(
            "{} answered {}",
            crate::http::without_query(&response.url),
            response.status
        )));
    }
    let message = format!("the API's answer cannot be read: {error}");
    // What stands around the place may be anybody's data, so it goes to the log only.
    let detail = format!(
        "{} answered {}, near `{}`",
        crate::http::without_query(&response.url),
        response.status,
        error.excerpt()
    );
    match error.kind() {
        ScanErrorKind::Truncated => Unusable::Incomplete(Error::transient(message).with_detail(detail)),
        _ => Unusable::Fatal(Error::system(message).with_detail(detail)),
    }
}

impl<'a> RecordWriter<'a> {
    pub(super) fn new(stream: &'a StreamPlan, feeds: &'a [Feed], emits: bool) -> Self {
        Self {
            envelope: RecordEnvelope::new(&stream.name, stream.namespace.as_deref()),
            hooks: stream.hooks,
            cursor: stream.cursor.as_ref(),
            feeds,
            emits,
        }
    }

    /// What the scan has to find in each record: the cursor first, then the children's keys.
    pub(super) fn fields(&self) -> Vec<JsonPath> {
        let cursor = self.cursor.map(|cursor| cursor.path.clone());
        let keys = self.feeds.iter().flat_map(|feed| feed.keys.iter().filter_map(|key| key.path.clone()));
        cursor.into_iter().chain(keys).collect()
    }

    /// A batch for about `bytes` of records.
    pub(super) fn batch(&self, bytes: usize) -> Batch<'_> {
        let capacity = if self.emits { bytes + bytes / 4 } else { 0 };
        Batch {
            writer: self,
            suffix: RecordEnvelope::suffix(now_millis()),
            scanned: Scanned {
                lines: Vec::with_capacity(capacity),
                fed: self.feeds.iter().map(|_| Vec::new()).collect(),
                ..Scanned::default()
            },
            greatest: Vec::new(),
            greatest_order: None,
            tidy: Vec::new(),
        }
    }
}

/// Lines in the making.
pub(super) struct Batch<'w> {
    writer: &'w RecordWriter<'w>,
    suffix: Vec<u8>,
    scanned: Scanned,
    /// The raw cursor value that is the greatest so far; empty before the first.
    greatest: Vec<u8>,
    /// Its order, once it had to be parsed to be compared.
    greatest_order: Option<Option<i128>>,
    /// Room for a record that is rewritten, kept from one to the next.
    tidy: Vec<u8>,
}

impl Batch<'_> {
    /// Takes one record.
    ///
    /// # Errors
    /// A record that a hook cannot take.
    pub(super) fn push(&mut self, record: &Record<'_>, slice: &OpenSlice) -> Result<()> {
        if record.empty {
            // The platform drops empty records without counting them.
            return Ok(());
        }
        if let (Some(cursor), Some(raw)) = (self.writer.cursor, self.cursor_of(record))
            && cursor.client_side
            && is_outside(cursor, raw, slice)
        {
            return Ok(());
        }
        if self.writer.hooks.is_empty() {
            self.observe(self.cursor_of(record));
            let first_key = usize::from(self.writer.cursor.is_some());
            feed(self.writer.feeds, &mut self.scanned.fed, |at, _| {
                record.fields.get(first_key + at).copied().flatten()
            });
            self.write(record.bytes, record.whitespace, record.lone_surrogate);
            return Ok(());
        }
        self.push_through_hooks(record)
    }

    fn push_through_hooks(&mut self, record: &Record<'_>) -> Result<()> {
        // A hook gets text that can be read; what cannot be told from it is repaired before, not after.
        let mut repaired = Vec::new();
        if record.lone_surrogate {
            repair_into(record.bytes, &mut repaired);
        }
        let mut cell = RecordCell::new(if record.lone_surrogate { &repaired } else { record.bytes });
        if let Some(filter) = self.writer.hooks.filter
            && !filter.keep(&mut cell)?
        {
            return Ok(());
        }
        // The cursor is the API's value: a transformation may change what is written, not what was read.
        self.observe(self.cursor_of(record));
        if let Some(transform) = self.writer.hooks.transform {
            transform.transform(&mut cell)?;
        }
        let bytes = cell.bytes();
        feed(self.writer.feeds, &mut self.scanned.fed, |_, path| path.get(bytes));
        self.write(bytes, record.whitespace, false);
        Ok(())
    }

    fn cursor_of<'r>(&self, record: &Record<'r>) -> Option<&'r [u8]> {
        self.writer.cursor.and_then(|_| record.fields.first().copied().flatten())
    }

    /// Follows the cursor: keeps the raw bytes of the greatest value, so that only one is made a position, at the end.
    fn observe(&mut self, raw: Option<&[u8]>) {
        let (Some(cursor), Some(raw)) = (self.writer.cursor, raw) else { return };
        let mut order = None;
        let is_greater = if cursor.sorts_as_text(&self.greatest, raw) {
            raw > self.greatest.as_slice()
        } else {
            order = Some(cursor.order(raw));
            order > Some(*self.greatest_order.get_or_insert_with(|| cursor.order(&self.greatest)))
        };
        if is_greater {
            self.greatest.clear();
            self.greatest.extend_from_slice(raw);
            self.greatest_order = order;
        }
    }

    fn write(&mut self, bytes: &[u8], whitespace: bool, lone_surrogate: bool) {
        self.scanned.count += 1;
        if !self.writer.emits {
            return;
        }
        let lines = &mut self.scanned.lines;
        if !whitespace && !lone_surrogate {
            self.writer.envelope.write(bytes, &self.suffix, lines);
            return;
        }
        self.tidy.clear();
        if lone_surrogate {
            repair_into(bytes, &mut self.tidy);
        } else {
            compact_into(bytes, &mut self.tidy);
        }
        self.writer.envelope.write(&self.tidy, &self.suffix, lines);
    }

    pub(super) fn finish(mut self) -> Scanned {
        self.scanned.newest = self.writer.cursor.and_then(|cursor| cursor.position(&self.greatest));
        self.scanned
    }

    /// Bytes of lines so far.
    pub(super) fn len(&self) -> usize {
        self.scanned.lines.len()
    }
}

/// Whether a record lies outside the range that was asked for; a record without a readable cursor is kept.
fn is_outside(cursor: &Cursor, raw: &[u8], slice: &OpenSlice) -> bool {
    match (cursor.order(raw), &slice.window) {
        (Some(order), Some(window)) => cursor.is_outside(order, window),
        _ => false,
    }
}

/// Takes the values of each child's keys; `find` gets a running number over all keys that are fields of the record.
fn feed<'r>(feeds: &[Feed], fed: &mut [Vec<Vec<Option<Value>>>], find: impl Fn(usize, &JsonPath) -> Option<&'r [u8]>) {
    let mut at = 0;
    for (feed, records) in feeds.iter().zip(fed) {
        let mut values = Vec::with_capacity(feed.keys.len());
        for key in &feed.keys {
            values.push(key.path.as_ref().and_then(|path| {
                let raw = find(at, path);
                at += 1;
                raw.and_then(json)
            }));
        }
        records.push(values);
    }
}
