//! One page: a single pass over its bytes finds the records and the token of the next page; a body that has to be
//! parsed takes the longer way.

use std::cell::Cell;
use std::hash::{Hash, Hasher as _};
use std::ops::ControlFlow;

use http::StatusCode;

use super::checkpoint::OpenSlice;
use super::chunks::Chunks;
use super::course::Asked;
use super::records::{Batch, RecordWriter, Scanned, json};
use crate::error::{Error, Result};
use crate::http::{HttpClient, Response, Unusable};
use crate::json::{Captured, JsonPath, ScanError, ScanErrorKind, ScanPlan, Scanner};
use crate::plan::cursor::RecordRange;
use crate::plan::record::SelectRecords;
use crate::plan::{HttpRetriever, Map, Page, PageToken, Slice, StreamPlan, Take, Url, Value};

/// Reads the pages of one stream; made once for all of its slices.
pub(super) struct PageReader<'a> {
    client: &'a HttpClient,
    pub(super) retriever: &'a HttpRetriever,
    stream: &'a StreamPlan,
    /// Where the records stand, if their bytes may travel.
    records: Option<ScanPlan>,
    /// Where the paginator's values stand, for a body that is parsed.
    captures: ScanPlan,
    body_paths: Vec<String>,
    record_paths: Vec<(String, JsonPath)>,
    writer: RecordWriter<'a>,
    /// The properties that are asked for by name, if any are.
    pub(super) chunks: Option<Chunks<'a>>,
    warned: Cell<bool>,
}

/// A page, and the token of the one after it.
pub(super) type Read = (Scanned, Option<PageToken>);

impl<'a> PageReader<'a> {
    pub(super) fn new(
        client: &'a HttpClient,
        stream: &'a StreamPlan,
        retriever: &'a HttpRetriever,
        takes: Vec<Take>,
        emits: bool,
        configured: Option<&'a Value>,
    ) -> Self {
        let body_paths = retriever.paginator.body_paths();
        let record_paths = retriever.paginator.record_paths();
        let writer = RecordWriter::new(stream, takes, emits);
        let captures: Vec<JsonPath> = body_paths.iter().map(|path| JsonPath::parse(path)).collect();
        let records = retriever.records.path.as_ref();
        Self {
            client,
            records: records.map(|path| ScanPlan::new(path.clone(), writer.fields(), captures.clone())),
            captures: ScanPlan::new(JsonPath::nowhere(), Vec::new(), captures),
            chunks: retriever.properties.as_deref().map(|properties| Chunks::new(properties, configured)),
            retriever,
            stream,
            body_paths,
            record_paths: record_paths.into_iter().map(|path| (path.clone(), JsonPath::parse(&path))).collect(),
            writer,
            warned: Cell::new(false),
        }
    }

    /// The same for somebody who looks for one record.
    pub(super) fn first_only(self) -> Self {
        Self { chunks: self.chunks.map(Chunks::first_only), ..self }
    }

    /// The stream's own URL for a slice.
    ///
    /// # Errors
    /// See [`Requester::home`](crate::plan::request::Requester::home).
    pub(super) fn home(&self, slice: &Slice) -> Result<Url> {
        match self.stream.retriever.jobs() {
            Some(jobs) => jobs.home(self.retriever, slice),
            None => self.retriever.requester.home(slice),
        }
    }

    /// Reads a page: its records, and the token of the next page.
    ///
    /// # Errors
    /// A body that broke off may be asked for again; a body that is not JSON, or records that are not objects, may not.
    pub(super) fn read(&self, response: &Response, asked: Asked<'_>, slice: &OpenSlice) -> Result<Read, Unusable> {
        let mark = slice.watch.mark();
        let read = self.read_records(response, asked, slice);
        if read.is_err() {
            slice.watch.restore(mark);
        }
        read
    }

    fn read_records(&self, response: &Response, asked: Asked<'_>, slice: &OpenSlice) -> Result<Read, Unusable> {
        let parsed = self.retriever.records.parsed.as_deref();
        match (&self.records, parsed) {
            (Some(plan), None) => match response.status == StatusCode::NO_CONTENT || response.body.is_empty() {
                // Some APIs say so that there is nothing.
                true => Ok((Scanned::default(), None)),
                false => self.scan(plan, response, asked, slice)?.map_err(|error| unreadable(&error, response)),
            },
            (Some(plan), Some(parsed)) => match self.scan(plan, response, asked, slice)? {
                Ok(read) => Ok(read),
                // The scanner knows objects in valid JSON; whatever else the body is, the parser decides about it.
                Err(error) if error.kind() == ScanErrorKind::Truncated => Err(unreadable(&error, response)),
                Err(_) => self.parse(parsed, response, asked, slice).map_err(Unusable::Fatal),
            },
            (None, Some(parsed)) => self.parse(parsed, response, asked, slice).map_err(Unusable::Fatal),
            (None, None) => Err(Unusable::Fatal(Error::system("the stream does not say where its records are"))),
        }
    }

    /// Reads a page whose records leave as they came.
    fn scan(
        &self,
        plan: &ScanPlan,
        response: &Response,
        asked: Asked<'_>,
        slice: &OpenSlice,
    ) -> Result<Result<Read, ScanError>, Unusable> {
        let body: &[u8] = &response.body;
        let mut batch = self.writer.batch(body.len());
        let (mut last, mut last_kept) = (None, None);
        let mut scanner = Scanner::new(plan);
        let mut failure = None;
        let scanned = scanner.feed(body, true, &mut |record| {
            // A record is a part of the body; its place outlives the callback, its slice does not.
            let start = record.bytes.as_ptr().addr().wrapping_sub(body.as_ptr().addr());
            last = Some(start..start.wrapping_add(record.bytes.len()));
            match batch.push(&record, slice) {
                Ok(kept) => {
                    if kept {
                        last_kept.clone_from(&last);
                    }
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        if let Some(error) = failure {
            return Err(Unusable::Fatal(error));
        }
        let captured = match scanned.and_then(|_| scanner.finish()) {
            Ok(captured) => captured,
            Err(error) => return Ok(Err(error)),
        };
        self.require_records(&captured, response)?;
        let last = last.and_then(|range| body.get(range));
        let seen = Seen {
            raw_records: u64::try_from(captured.records()).unwrap_or(u64::MAX),
            last,
            last_kept: last_kept.and_then(|range| body.get(range)),
            content: fingerprint(&(body.len(), last)),
        };
        self.finish(batch.finish(), &seen, &captured, response, asked, slice).map(Ok).map_err(Unusable::Fatal)
    }

    /// Reads a page whose records are parsed.
    ///
    /// # Errors
    /// A body or a record that cannot be used.
    pub(super) fn parse(
        &self,
        parsed: &dyn SelectRecords,
        response: &Response,
        asked: Asked<'_>,
        slice: &OpenSlice,
    ) -> Result<Read> {
        let mut taken = Taken::new(self.writer.batch(response.body.len()));
        let raw_records = match parsed.select(response, &slice.slice, &mut |record| taken.take(record, slice)) {
            Ok(raw_records) => raw_records,
            // What came before the failure is as good as a page that came before it.
            Err(error) if taken.records > 0 => {
                let raw_records = taken.records;
                return Ok((Scanned { failure: Some(error), raw_records, ..taken.batch.finish() }, None));
            }
            Err(error) => return Err(error),
        };
        self.finish_taken(taken, raw_records, response, asked, slice)
    }

    /// Hands over the records of an answer, and returns how many it held.
    ///
    /// # Errors
    /// A body, or a record, that cannot be used.
    pub(super) fn collect(
        &self,
        response: &Response,
        slice: &Slice,
        records: &mut Vec<Map<String, Value>>,
    ) -> Result<u64> {
        let Some(parsed) = &self.retriever.records.parsed else {
            return Err(Error::system("the stream's records cannot be put together of parts that are not parsed"));
        };
        parsed.select(response, slice, &mut |record| {
            records.push(record);
            Ok(())
        })
    }

    /// Makes a page of records that were put together; the `last` answer, with the records that it held, says where the
    /// next page is.
    ///
    /// # Errors
    /// A record that cannot be used.
    pub(super) fn read_merged(
        &self,
        records: impl Iterator<Item = Map<String, Value>>,
        last: Option<(&Response, u64)>,
        asked: Asked<'_>,
        slice: &OpenSlice,
    ) -> Result<Read> {
        let mut taken = Taken::new(self.writer.batch(last.map_or(0, |(response, _)| response.body.len())));
        for record in records {
            taken.take(record, slice)?;
        }
        match last {
            Some((response, raw_records)) => self.finish_taken(taken, raw_records, response, asked, slice),
            None => {
                let raw_records = taken.records;
                Ok((Scanned { raw_records, ..taken.batch.finish() }, None))
            }
        }
    }

    fn finish_taken(
        &self,
        taken: Taken<'_>,
        raw_records: u64,
        response: &Response,
        asked: Asked<'_>,
        slice: &OpenSlice,
    ) -> Result<Read> {
        let captured = self.captured(&response.body);
        let text = |record: &Option<_>| record.as_ref().and_then(|record| serde_json::to_vec(record).ok());
        let (kept, dropped) = (text(&taken.kept), text(&taken.dropped));
        let seen = Seen {
            raw_records,
            last: if taken.last_is_kept { kept.as_deref() } else { dropped.as_deref() },
            last_kept: kept.as_deref(),
            content: fingerprint(&response.body),
        };
        self.finish(taken.batch.finish(), &seen, &captured, response, asked, slice)
    }

    /// The paginator's values in a body whose records are parsed.
    fn captured(&self, body: &[u8]) -> Captured {
        if self.body_paths.is_empty() {
            return Captured::nothing();
        }
        let mut scanner = Scanner::new(&self.captures);
        let scanned = scanner.feed(body, true, &mut |_| ControlFlow::Continue(()));
        // A body that is no JSON has no values for a paginator, and none that works with it asks for some.
        scanned.and_then(|_| scanner.finish()).unwrap_or_else(|_| Captured::nothing())
    }

    fn finish(
        &self,
        scanned: Scanned,
        seen: &Seen<'_>,
        captured: &Captured,
        response: &Response,
        asked: Asked<'_>,
        slice: &OpenSlice,
    ) -> Result<Read> {
        let next = match self.next(&scanned, seen, captured, response, asked, slice) {
            Ok(next) => next,
            // The page is sound; only where the next one is cannot be said.
            Err(error) => {
                return Ok((Scanned { failure: Some(error), raw_records: seen.raw_records, ..scanned }, None));
            }
        };
        let content = seen.content;
        let name = match &next {
            Some(PageToken::Url(url)) => url.as_str().to_owned(),
            Some(PageToken::Value(value)) => value.to_string(),
            None => String::new(),
        };
        let fingerprint = fingerprint(&(content, name));
        Ok((Scanned { raw_records: seen.raw_records, content, fingerprint, ..scanned }, next))
    }

    fn next(
        &self,
        scanned: &Scanned,
        seen: &Seen<'_>,
        captured: &Captured,
        response: &Response,
        asked: Asked<'_>,
        slice: &OpenSlice,
    ) -> Result<Option<PageToken>> {
        if self.feed_is_read(seen, slice) {
            return Ok(None);
        }
        let body: Vec<_> = self
            .body_paths
            .iter()
            .enumerate()
            .map(|(at, path)| (path.clone(), captured.get(at).and_then(json)))
            .collect();
        let last_record: Vec<_> = self
            .record_paths
            .iter()
            .map(|(path, at)| (path.clone(), seen.last.and_then(|record| at.get(record)).and_then(json)))
            .collect();
        self.retriever.paginator.next(&Page {
            status: response.status,
            headers: &response.headers,
            url: &response.url,
            records: seen.raw_records,
            kept: scanned.count,
            token: asked.token,
            reduced_size: asked.page_size,
            slice: &slice.slice,
            body: &body,
            raw_body: &response.body,
            last_record: &last_record,
            raw_last_record: seen.last_kept,
        })
    }

    /// Whether the pages of a feed, whose newest records come first, have reached what was read before.
    fn feed_is_read(&self, seen: &Seen<'_>, slice: &OpenSlice) -> bool {
        let Some(cursor) = self.stream.cursor.as_ref().filter(|cursor| cursor.record_range == RecordRange::Feed) else {
            return false;
        };
        let order = seen.last.and_then(|record| cursor.path.get(record)).and_then(|raw| cursor.order_of(raw));
        !slice.watch.is_broken() && order.is_some_and(|order| slice.excludes(cursor, order))
    }

    /// A page without the record path is suspicious: it may be an error that came with status 200, or a wrong path.
    fn require_records(&self, captured: &Captured, response: &Response) -> Result<(), Unusable> {
        let Some(path) = self.retriever.records.path.as_ref().filter(|path| !path.is_empty()) else { return Ok(()) };
        if captured.path_found() {
            return Ok(());
        }
        let keys = captured.top_level_keys();
        if !self.stream.conduct.tolerates_error_pages
            && keys.iter().any(|key| matches!(key.as_str(), "error" | "errors"))
        {
            let said = self.client.api_message(&response.body).unwrap_or_else(|| "no reason".to_owned());
            return Err(Unusable::Fatal(Error::system(format!(
                "the API answered with an error in place of records: {said}"
            ))));
        }
        if !self.warned.replace(true) {
            tracing::warn!("a page has no `{path}`, where its records should be; its keys are {}", keys.join(", "));
        }
        Ok(())
    }
}

/// Parsed records of one page on their way out.
struct Taken<'w> {
    batch: Batch<'w>,
    records: u64,
    /// The last record that was written, and the last that was not.
    kept: Option<Map<String, Value>>,
    dropped: Option<Map<String, Value>>,
    last_is_kept: bool,
}

impl<'w> Taken<'w> {
    fn new(batch: Batch<'w>) -> Self {
        Self { batch, records: 0, kept: None, dropped: None, last_is_kept: false }
    }

    fn take(&mut self, record: Map<String, Value>, slice: &OpenSlice) -> Result<()> {
        self.records += 1;
        self.last_is_kept = self.batch.push_parsed(&record, slice)?;
        *(if self.last_is_kept { &mut self.kept } else { &mut self.dropped }) = Some(record);
        Ok(())
    }
}

/// What a page held, as far as the paginator may ask for it.
struct Seen<'p> {
    raw_records: u64,
    /// The last record of the page.
    last: Option<&'p [u8]>,
    /// The last record that was not filtered out.
    last_kept: Option<&'p [u8]>,
    /// What tells the body from others.
    content: u64,
}

fn fingerprint(value: &impl Hash) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
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
