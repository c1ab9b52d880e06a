//! One page: a single pass over its bytes finds the records and the token of the next page; a body that has to be
//! parsed takes the longer way.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher as _};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use http::StatusCode;

use super::checkpoint::{Checkpoint, OpenSlice};
use super::chunks::Chunks;
use super::course::Asked;
use super::long::{Arriving, HandedOver};
use super::records::{Batch, RecordWriter, Scanned, json};
use super::trace::Trace;
use super::watch::Watch;
use super::worker::text_of;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{HttpClient, Permit, Response, Unusable};
use crate::json::{Captured, JsonPath, ScanError, ScanErrorKind, ScanPlan, Scanner};
use crate::plan::cursor::RecordRange;
use crate::plan::decoder::Decoder;
use crate::plan::record::{Arrival, SelectRecords};
use crate::plan::{HttpRetriever, Map, Page, PageToken, RecordSelector, Slice, StreamPlan, Take, Url, Value};

/// Reads the pages of one stream; made once for all of its slices.
pub(super) struct PageReader<'a> {
    pub(super) client: &'a HttpClient,
    pub(super) retriever: &'a HttpRetriever,
    stream: &'a StreamPlan,
    /// Where the records stand, if their bytes may travel.
    records: Option<ScanPlan>,
    /// Where the paginator's values stand, for a body that is parsed.
    captures: ScanPlan,
    body_paths: Vec<String>,
    /// How a long page is read while it arrives, if it can be.
    long: Option<Arriving>,
    /// A page of more bytes is a long one.
    at_once: usize,
    /// The same for a long page, with what lies on the way to the paginator's values.
    long_body_paths: Vec<String>,
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
        watch: Option<&'a Watch>,
    ) -> Self {
        let body_paths = retriever.paginator.body_paths();
        let record_paths = retriever.paginator.record_paths();
        let writer = RecordWriter::new(stream, takes, emits, watch);
        let captures: Vec<JsonPath> = body_paths.iter().map(|path| JsonPath::parse(path)).collect();
        let captures: Vec<_> = captures.into_iter().chain(retriever.partial_errors.clone()).collect();
        let selector = &retriever.records;
        let scan = |path: &JsonPath, captures| {
            let plan = writer.scan(path.clone(), captures);
            // A decoder may make many documents of one body.
            if selector.decoder.is_some() { plan.in_sequence() } else { plan }
        };
        let ancestors = ancestors(&body_paths, selector.path.as_ref());
        let long_body_paths: Vec<String> = body_paths.iter().cloned().chain(ancestors).collect();
        let (long, at_once) = arriving(retriever, |path, decoder| {
            let captures = long_body_paths.iter().map(|path| JsonPath::parse(path));
            let captures = captures.chain(retriever.partial_errors.clone()).collect();
            let plan = writer.scan(path, captures);
            if decoder.is_some() { plan.in_sequence() } else { plan }
        });
        Self {
            client,
            records: selector.path.as_ref().map(|path| scan(path, captures.clone())),
            captures: ScanPlan::new(JsonPath::nowhere(), Vec::new(), captures),
            chunks: retriever.properties.as_deref().map(|properties| Chunks::new(properties, configured)),
            retriever,
            stream,
            long,
            at_once,
            long_body_paths,
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

    /// A page of more bytes is read while it arrives; `None` if no page is.
    pub(super) fn at_once(&self) -> Option<usize> {
        self.long.as_ref().map(|_| self.at_once)
    }

    /// Reads a page whose body may still be arriving.
    ///
    /// # Errors
    /// See [`PageReader::read`].
    pub(super) async fn read_arriving(
        &self,
        mut response: Response,
        permit: &mut Permit,
        asked: Asked<'_>,
        slice: &OpenSlice,
        handed_over: &mut HandedOver<'_>,
    ) -> Result<Read, Unusable> {
        match &self.long {
            Some(long) if response.rest.is_some() || handed_over.has_begun() => {
                // A template's `response` is the first element of a list, whatever that is.
                let is_list = response.body.trim_ascii_start().first() == Some(&b'[');
                let is_looked_at = is_list && self.retriever.records.parsed.is_some() && !self.body_paths.is_empty();
                // A document that is held anyway is decoded here, one at a time, and counts as what it is.
                if !is_looked_at && !self.holds_documents() {
                    handed_over.begin(&slice.watch);
                    let read = self.read_long(long, response, permit, asked, slice, handed_over).await;
                    if read.is_err() {
                        handed_over.go_back(&slice.watch);
                    }
                    return read;
                }
                response.complete(permit.whole(self.max_body())).await?;
            }
            _ => {}
        }
        self.read(&response, asked, slice)
    }

    fn holds_documents(&self) -> bool {
        self.retriever.records.decoder.as_ref().is_some_and(|decoder| decoder.holds_documents())
    }

    /// How many bytes may be held of a body.
    pub(super) fn max_body(&self) -> usize {
        self.client.settings.max_body
    }

    pub(super) fn batch(&self, bytes: usize) -> Batch<'_> {
        self.writer.batch(bytes)
    }

    pub(super) fn long_body_paths(&self) -> &[String] {
        &self.long_body_paths
    }

    /// Notes which files come along with the records, if they are wanted.
    pub(super) fn bringing_files(mut self, are_wanted: bool) -> Self {
        self.writer = self.writer.bringing_files(self.stream.files.as_ref().filter(|_| are_wanted));
        self
    }

    /// Writes only the records that the checkpoint does not know, if the stream remembers them.
    pub(super) fn remembering(mut self, checkpoint: &Rc<RefCell<Checkpoint>>) -> Self {
        self.writer = self.writer.remembering(self.stream, checkpoint);
        self
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

    /// The answer with its body as the decoder reads it, if the stream has one.
    ///
    /// # Errors
    /// A body that is not what the decoder reads; one that broke off may be asked for again.
    pub(super) fn decoded(&self, response: &Response) -> Result<Option<Response>, Unusable> {
        let Some(decoder) = self.retriever.records.decoder.as_ref().filter(|_| !response.body.is_empty()) else {
            return Ok(None);
        };
        let text = text_of(decoder, &mut &*response.body, response.content_type(), self.max_body());
        Ok(Some(response.with_body(text.map_err(unusable)?)))
    }

    fn read_records(&self, response: &Response, asked: Asked<'_>, slice: &OpenSlice) -> Result<Read, Unusable> {
        let parsed = self.retriever.records.parsed.as_deref();
        let decoded = self.decoded(response)?;
        let response = decoded.as_ref().unwrap_or(response);
        match (&self.records, parsed) {
            (Some(plan), None) => match response.status == StatusCode::NO_CONTENT || response.body.is_empty() {
                // Some APIs say so that there is nothing.
                true => Ok((Scanned::default(), None)),
                false => {
                    self.scan(plan, response, asked, slice)?.map_err(|error| unreadable(self.client, &error, response))
                }
            },
            (Some(plan), Some(parsed)) => match self.scan(plan, response, asked, slice)? {
                Ok(read) => Ok(read),
                // The scanner knows objects in valid JSON; whatever else the body is, the parser decides about it.
                Err(error) if error.kind() == ScanErrorKind::Truncated => {
                    Err(unreadable(self.client, &error, response))
                }
                Err(_) => self.parse(parsed, response, asked, slice).map_err(unusable),
            },
            (None, Some(parsed)) => self.parse(parsed, response, asked, slice).map_err(unusable),
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
        self.require_sound(&captured, &self.body_paths, response)?;
        let last = last.and_then(|range| body.get(range));
        let scanned = batch.finish();
        let seen = Seen {
            raw_records: u64::try_from(captured.records()).unwrap_or(u64::MAX),
            kept: scanned.kept,
            last,
            last_kept: last_kept.and_then(|range| body.get(range)),
            content: fingerprint(&(body.len(), last)),
            body_paths: &self.body_paths,
            is_long: false,
        };
        self.finish(scanned, &seen, &captured, response, asked, slice).map(Ok).map_err(Unusable::Fatal)
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
            // What came before the failure is as good as a page that came before it, unless all of it may come.
            Err(error) if taken.records > 0 && error.kind() != ErrorKind::Transient => {
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
    /// A body that broke off may be asked for again; one, or a record, that cannot be used, may not.
    pub(super) fn collect(
        &self,
        response: &Response,
        slice: &Slice,
        records: &mut Vec<Map<String, Value>>,
    ) -> Result<u64, Unusable> {
        let Some(parsed) = &self.retriever.records.parsed else {
            return self.collect_scanned(response, records);
        };
        let collected = parsed.select(response, slice, &mut |record| {
            records.push(record);
            Ok(())
        });
        collected.map_err(unusable)
    }

    /// The same where the scanner finds the records.
    fn collect_scanned(&self, response: &Response, records: &mut Vec<Map<String, Value>>) -> Result<u64, Unusable> {
        let Some(plan) = self.records.as_ref().filter(|_| !response.body.is_empty()) else { return Ok(0) };
        let mut scanner = Scanner::new(plan);
        let mut failure = None;
        let scanned = scanner.feed(&response.body, true, &mut |record| match serde_json::from_slice(record.bytes) {
            Ok(record) => {
                records.push(record);
                ControlFlow::Continue(())
            }
            Err(error) => {
                failure = Some(Error::system("a record cannot be read").with_detail(error.to_string()));
                ControlFlow::Break(())
            }
        });
        if let Some(failure) = failure {
            return Err(Unusable::Fatal(failure));
        }
        let captured = scanned.and_then(|_| scanner.finish());
        let captured = captured.map_err(|error| unreadable(self.client, &error, response))?;
        Ok(u64::try_from(captured.records()).unwrap_or(u64::MAX))
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
        // All of the body counts: a filter may have left out its last record, and a transformation what is its own.
        let mut trace = Trace::default();
        trace.add(&response.body);
        let text = |record: &Option<_>| record.as_ref().and_then(|record| serde_json::to_vec(record).ok());
        let (kept, dropped) = (text(&taken.kept), text(&taken.dropped));
        let scanned = taken.batch.finish();
        let seen = Seen {
            raw_records,
            kept: scanned.kept,
            last: if taken.last_is_kept { kept.as_deref() } else { dropped.as_deref() },
            last_kept: kept.as_deref(),
            content: trace.value(),
            body_paths: &self.body_paths,
            is_long: false,
        };
        self.finish(scanned, &seen, &captured, response, asked, slice)
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

    pub(super) fn finish(
        &self,
        scanned: Scanned,
        seen: &Seen<'_>,
        captured: &Captured,
        response: &Response,
        asked: Asked<'_>,
        slice: &OpenSlice,
    ) -> Result<Read> {
        let next = match self.next(seen, captured, response, asked, slice) {
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
        let (raw_records, kept) = (seen.raw_records, seen.kept);
        Ok((Scanned { raw_records, kept, content, fingerprint, ..scanned }, next))
    }

    fn next(
        &self,
        seen: &Seen<'_>,
        captured: &Captured,
        response: &Response,
        asked: Asked<'_>,
        slice: &OpenSlice,
    ) -> Result<Option<PageToken>> {
        if self.feed_is_read(seen, slice) {
            return Ok(None);
        }
        let body: Vec<_> = seen
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
            kept: seen.kept,
            token: asked.token,
            reduced_size: asked.page_size,
            slice: &slice.slice,
            body: &body,
            raw_body: &response.body,
            is_long: seen.is_long,
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
        !slice.watch.is_broken() && order.is_some_and(|order| slice.ends_feed(order))
    }

    /// Refuses a page that holds an error in place of records, and says of one that holds errors besides that a part of
    /// what was asked for may be missing. `paths` are those of the paginator's values, behind which the errors are
    /// captured.
    pub(super) fn require_sound(
        &self,
        captured: &Captured,
        paths: &[String],
        response: &Response,
    ) -> Result<(), Unusable> {
        let errors = self.retriever.partial_errors.as_ref().and_then(|_| captured.get(paths.len()));
        let errors = errors.filter(|errors| !matches!(*errors, b"null" | b"[]"));
        // Of a long body only the beginning is held, which need not be where the errors are.
        self.require_records(captured, errors.unwrap_or(&response.body))?;
        if let (Some(errors), true) = (errors, captured.path_found())
            && !self.warned.replace(true)
        {
            let said = self.client.api_message(errors).unwrap_or_else(|| "no reason".to_owned());
            tracing::warn!("the API answered with records and with errors, so fields may be missing: {said}");
        }
        Ok(())
    }

    /// A page without the record path is suspicious: it may be an error that came with status 200, or a wrong path.
    fn require_records(&self, captured: &Captured, errors: &[u8]) -> Result<(), Unusable> {
        let Some(path) = self.retriever.records.path.as_ref().filter(|path| !path.is_empty()) else { return Ok(()) };
        if captured.path_found() {
            return Ok(());
        }
        let keys = captured.top_level_keys();
        if !self.stream.conduct.tolerates_error_pages
            && keys.iter().any(|key| matches!(key.as_str(), "error" | "errors"))
        {
            let said = self.client.api_message(errors).unwrap_or_else(|| "no reason".to_owned());
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
pub(super) struct Seen<'p> {
    pub(super) raw_records: u64,
    /// How many of them were not filtered out.
    pub(super) kept: u64,
    /// The last record of the page.
    pub(super) last: Option<&'p [u8]>,
    /// The last record that was not filtered out.
    pub(super) last_kept: Option<&'p [u8]>,
    /// What tells the body from others.
    pub(super) content: u64,
    /// The paths of the values that were captured.
    pub(super) body_paths: &'p [String],
    /// Whether the body was read while it arrived.
    pub(super) is_long: bool,
}

/// How the long pages of a stream are read, and how long they are; `plan` makes the scan for a path in the text that a
/// decoder makes.
fn arriving(
    retriever: &HttpRetriever,
    plan: impl FnOnce(JsonPath, Option<&Decoder>) -> ScanPlan,
) -> (Option<Arriving>, usize) {
    let at_once = Decoder::Json.at_once();
    if retriever.paginator.reads_body() {
        return (None, at_once);
    }
    let RecordSelector { path, parsed, decoder } = &retriever.records;
    let arrival = match parsed {
        Some(parsed) => parsed.arrival(),
        None => path.clone().map(|path| Arrival::Text { path, decoder: decoder.clone(), refines: false }),
    };
    match (arrival, parsed) {
        (Some(Arrival::Text { path, decoder, refines }), parsed) => {
            let at_once = decoder.as_ref().map_or(at_once, |decoder| decoder.at_once());
            let plan = plan(path, decoder.as_deref());
            (Some(Arriving::Text { plan, decoder, refine: parsed.clone().filter(|_| refines) }), at_once)
        }
        (Some(Arrival::Elements { at_once }), Some(parsed)) => (Some(Arriving::Elements(Arc::clone(parsed))), at_once),
        _ => (None, at_once),
    }
}

/// What lies on the way to the paths, but not on the way to the records: a paginator may have to know whether it is
/// there.
fn ancestors(paths: &[String], records: Option<&JsonPath>) -> Vec<String> {
    let records = records.map(JsonPath::to_string).unwrap_or_default();
    let is_above_records = |path: &str| records == path || records.starts_with(&format!("{path}."));
    let mut found: Vec<String> = Vec::new();
    for path in paths {
        for (at, _) in path.match_indices('.') {
            let ancestor = path.get(..at).unwrap_or_default();
            let is_known = paths.iter().chain(&found).any(|known| known == ancestor);
            if !is_known && !is_above_records(ancestor) {
                found.push(ancestor.to_owned());
            }
        }
    }
    found
}

pub(super) fn fingerprint(value: &impl Hash) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Whether another try may give a better page.
pub(super) fn unusable(error: Error) -> Unusable {
    match error.kind() {
        ErrorKind::Transient => Unusable::Incomplete(error),
        _ => Unusable::Fatal(error),
    }
}

pub(super) fn unreadable(client: &HttpClient, error: &ScanError, response: &Response) -> Unusable {
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
        client.shown_part(error.excerpt(), error.surroundings())
    );
    match error.kind() {
        ScanErrorKind::Truncated => Unusable::Incomplete(Error::transient(message).with_detail(detail)),
        _ => Unusable::Fatal(Error::system(message).with_detail(detail)),
    }
}
