//! A long page: its records leave while the rest of its body is on its way.
//!
//! A body that breaks off is asked for again. What has left is known by its number of records and a trace of their
//! bytes: if the API's new answer begins with the same records, those are passed over; if not, all of them leave again,
//! so that none is lost.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::Context;
use super::checkpoint::OpenSlice;
use super::course::Asked;
use super::order::{Marks, OrderWatch};
use super::page::{PageReader, Read, Seen, fingerprint, unreadable};
use super::records::{Batch, Scanned};
use super::slice::{Newest, later, write};
use super::stream::Run;
use super::trace::Trace;
use super::worker::{Made, PIECE, TextWriter, Worker};
use crate::error::{Error, Result};
use crate::http::{Permit, Response, Rest, Unusable};
use crate::json::{Captured, Record, ScanPlan, Scanner};
use crate::plan::decoder::Decoder;
use crate::plan::record::SelectRecords;
use crate::plan::slice::Part;

/// Bytes of lines after which records are passed on.
const BATCH: usize = 256 << 10;
/// As much of a body's start is kept for messages.
const START: usize = 64;

/// How the records of a body are found while it arrives.
pub(super) enum Arriving {
    /// They stand in JSON text, which the decoder makes of a body that is something else.
    Text {
        plan: ScanPlan,
        decoder: Option<Arc<Decoder>>,
        /// What each of them still has to go through.
        refine: Option<Arc<dyn SelectRecords>>,
    },
    /// They are made one by one.
    Elements(Arc<dyn SelectRecords>),
}

/// What has left of a page whose body was not read to its end, over all tries.
pub(super) struct HandedOver<'a> {
    context: &'a Context,
    run: &'a Run,
    /// Held by the page before this one until its records have left.
    turn: &'a Mutex<()>,
    /// Records of the body that need not leave again, and what they were.
    records: u64,
    trace: Trace,
    /// How many of them were kept, and the last of those.
    kept: u64,
    last_kept: Option<Vec<u8>>,
    newest: Newest,
    fed: Vec<Vec<Part>>,
    /// Where they are in the order of the slice.
    marks: Marks,
}

impl<'a> HandedOver<'a> {
    pub(super) fn nothing(context: &'a Context, run: &'a Run, turn: &'a Mutex<()>) -> Self {
        let (trace, newest, fed) = (Trace::default(), None, Vec::new());
        Self { context, run, turn, records: 0, trace, kept: 0, last_kept: None, newest, fed, marks: Marks::default() }
    }

    /// Whether the records of the next try have to be compared with those that left.
    pub(super) fn has_begun(&self) -> bool {
        self.records > 0
    }

    /// Begins a try.
    pub(super) fn begin(&mut self, watch: &OrderWatch) {
        if !self.has_begun() {
            self.marks = Marks::begin(watch);
        }
    }

    /// Forgets the order of the records that a failed try did not hand over.
    pub(super) fn go_back(&self, watch: &OrderWatch) {
        self.marks.go_back(watch);
    }

    /// Lets all records leave again. Their cursor values still count: what has left has left.
    fn begin_again(&mut self) -> Unusable {
        let (newest, marks) = (self.newest.take(), self.marks.before_page());
        *self = Self { newest, marks, ..Self::nothing(self.context, self.run, self.turn) };
        Unusable::Incomplete(Error::transient("the API's answer broke off, and was another one when asked for again"))
    }

    /// Queues records for stdout, and takes note of them. The children get theirs when the page is complete: to wait
    /// for a child with an open request could mean to wait for ever.
    async fn pass_on(&mut self, scanned: Scanned) -> Result<()> {
        let turn = self.turn.lock().await;
        write(self.context, self.run, scanned.lines, scanned.count, scanned.entries).await?;
        drop(turn);
        self.kept += scanned.kept;
        self.newest = later(self.newest.take(), scanned.newest);
        add(&mut self.fed, scanned.fed);
        Ok(())
    }
}

fn add(fed: &mut Vec<Vec<Part>>, more: Vec<Vec<Part>>) {
    if fed.is_empty() {
        *fed = more;
        return;
    }
    for (fed, more) in fed.iter_mut().zip(more) {
        fed.extend(more);
    }
}

/// One try at a long page.
struct LongPage<'p, 'a, 'h> {
    reader: &'p PageReader<'a>,
    /// The room for what is held of it.
    permit: &'p mut Permit,
    slice: &'p OpenSlice,
    handed_over: &'p mut HandedOver<'h>,
    batch: Batch<'p>,
    /// Records of the body so far, and what they were.
    records: u64,
    trace: Trace,
    last: Option<Vec<u8>>,
}

impl PageReader<'_> {
    /// Reads a page while it arrives: its last records, and the token of the next page.
    ///
    /// # Errors
    /// See [`PageReader::read`]. What has left before an error is in `handed_over`.
    pub(super) async fn read_long(
        &self,
        arriving: &Arriving,
        mut response: Response,
        permit: &mut Permit,
        asked: Asked<'_>,
        slice: &OpenSlice,
        handed_over: &mut HandedOver<'_>,
    ) -> Result<Read, Unusable> {
        let batch = self.batch(BATCH);
        let mut page = LongPage {
            reader: self,
            permit,
            slice,
            handed_over,
            batch,
            records: 0,
            trace: Trace::default(),
            last: None,
        };
        let start = response.body.slice(..response.body.len().min(START));
        let body = std::mem::replace(&mut response.body, Bytes::copy_from_slice(&start));
        let rest = response.rest.take();
        match arriving {
            Arriving::Text { plan, decoder, refine } => {
                let source = Source::new(decoder.as_ref(), &response, body, rest);
                let (captured, length) = page.scan(plan, source, refine.as_deref(), &response).await?;
                page.check_end()?;
                self.require_sound(&captured, self.long_body_paths(), &response)?;
                page.finish(&captured, &response, asked, |last| fingerprint(&(length, last)))
            }
            Arriving::Elements(selector) => {
                match page.take_elements(selector, body, rest).await {
                    Ok(()) => {}
                    // What came before the failure is as good as a page that came before it.
                    Err(Unusable::Fatal(error)) if page.records > 0 => return Ok((page.fail(error), None)),
                    Err(error) => return Err(error),
                }
                page.check_end()?;
                let trace = page.trace.value();
                page.finish(&Captured::nothing(), &response, asked, |_| trace)
            }
        }
    }
}

impl LongPage<'_, '_, '_> {
    /// Finds the records in JSON text. Returns what else was found, and how long the text was.
    async fn scan(
        &mut self,
        plan: &ScanPlan,
        mut source: Source,
        refine: Option<&dyn SelectRecords>,
        response: &Response,
    ) -> Result<(Captured, usize), Unusable> {
        let mut scanner = Scanner::new(plan);
        let mut unread: Vec<u8> = Vec::new();
        let mut length = 0;
        loop {
            let piece = source.next().await?;
            let end = piece.is_none();
            let piece = piece.unwrap_or_default();
            length += piece.len();
            self.make_room(unread.len() + piece.len()).await?;
            // Most pieces begin where the scanner is, or are in the middle of one record.
            let text: &[u8] = if unread.is_empty() {
                &piece
            } else {
                unread.extend_from_slice(&piece);
                &unread
            };
            let mut refused = None;
            let (mut last, mut last_kept) = (None, None);
            let scanned = scanner.feed(text, end, &mut |record| {
                // A record is a part of the text; its place outlives the callback, its slice does not.
                let start = record.bytes.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
                let place = start..start.wrapping_add(record.bytes.len());
                match self.take(&record, refine) {
                    Ok(kept) => {
                        if kept {
                            last_kept = Some(place.clone());
                        }
                        last = Some(place);
                        ControlFlow::Continue(())
                    }
                    Err(error) => {
                        refused = Some(error);
                        ControlFlow::Break(())
                    }
                }
            });
            if let Some(error) = refused {
                return Err(error);
            }
            let done = scanned.map_err(|error| unreadable(self.reader.client, &error, response))?;
            copy(&mut self.last, text, last);
            copy(&mut self.handed_over.last_kept, text, last_kept);
            if unread.is_empty() {
                unread.extend_from_slice(piece.get(done..).unwrap_or_default());
            } else {
                unread.drain(..done.min(unread.len()));
            }
            let limit = self.reader.max_body();
            if unread.len() > limit {
                return Err(Unusable::Fatal(Error::system(format!(
                    "the API's answer holds a record of more than {} MB",
                    limit >> 20
                ))));
            }
            if end {
                return Ok((
                    scanner.finish().map_err(|error| unreadable(self.reader.client, &error, response))?,
                    length,
                ));
            }
            self.pass_on_if_full().await?;
        }
    }

    /// Returns as soon as there is room for so many bytes of a record that has not ended, and for the copies of those that
    /// came before it.
    async fn make_room(&mut self, unread: usize) -> Result<(), Unusable> {
        let copies = [&self.last, &self.handed_over.last_kept].into_iter().flatten().map(Vec::len);
        let has_room = self.permit.hold(unread + copies.sum::<usize>()).await;
        // Somebody waits for the page by now: asked for again, it waits for its room.
        let lost = || Unusable::Incomplete(Error::transient("there was no room for a page that was asked for ahead"));
        if has_room { Ok(()) } else { Err(lost()) }
    }

    /// Takes the records that a selector makes.
    async fn take_elements(
        &mut self,
        selector: &Arc<dyn SelectRecords>,
        body: Bytes,
        rest: Option<Rest>,
    ) -> Result<(), Unusable> {
        let (selector, slice) = (Arc::clone(selector), self.slice.slice.clone());
        let mut worker = Worker::start(body, rest, move |body, results| {
            let mut made = Vec::new();
            let mut text = Vec::new();
            let mut bytes = 0;
            let count = selector.select_from(body, &slice, &mut |record| {
                text.clear();
                serde_json::to_writer(&mut text, &record)
                    .map_err(|error| Error::system("a record cannot be written as JSON").with_source(error))?;
                bytes += text.len();
                let mut trace = Trace::default();
                trace.add(&text);
                made.push((record, trace));
                if bytes >= PIECE {
                    bytes = 0;
                    results.send(std::mem::take(&mut made))?;
                }
                Ok(())
            });
            // What came before a failure counts.
            results.send(made)?;
            count
        });
        let mut last = None;
        loop {
            match worker.next().await? {
                Made::End(records) => {
                    self.records = records;
                    return Ok(());
                }
                Made::Next(made) => {
                    for (record, trace) in made {
                        let kept = self.take_element(&record, trace)?;
                        last = Some((record, kept));
                    }
                }
            }
            if let Some((record, kept)) = last.take() {
                let text = serde_json::to_vec(&record).ok();
                if kept {
                    self.handed_over.last_kept.clone_from(&text);
                }
                self.last = text;
            }
            self.pass_on_if_full().await?;
        }
    }

    /// Takes a record as it stands in the body. Returns whether it is kept, and has not left before.
    fn take(&mut self, record: &Record<'_>, refine: Option<&dyn SelectRecords>) -> Result<bool, Unusable> {
        self.trace.add(record.bytes);
        if self.has_left()? {
            return Ok(false);
        }
        let kept = match refine {
            None => self.batch.push(record, self.slice),
            Some(selector) => match selector.refine(record.bytes, &self.slice.slice) {
                Ok(Some(record)) => self.batch.push_parsed(&record, self.slice),
                Ok(None) => Ok(false),
                Err(error) => Err(error),
            },
        };
        kept.map_err(Unusable::Fatal)
    }

    fn take_element(&mut self, record: &Map<String, Value>, trace: Trace) -> Result<bool, Unusable> {
        self.trace.join(trace);
        if self.has_left()? {
            return Ok(false);
        }
        self.batch.push_parsed(record, self.slice).map_err(Unusable::Fatal)
    }

    /// Counts a record, whose trace is added already, and tells whether it left in an earlier try.
    fn has_left(&mut self) -> Result<bool, Unusable> {
        self.records += 1;
        if self.records == self.handed_over.records && self.trace != self.handed_over.trace {
            return Err(self.handed_over.begin_again());
        }
        Ok(self.records <= self.handed_over.records)
    }

    /// At the end of the body, everything that left in an earlier try has to have come again.
    fn check_end(&mut self) -> Result<(), Unusable> {
        if self.records < self.handed_over.records { Err(self.handed_over.begin_again()) } else { Ok(()) }
    }

    async fn pass_on_if_full(&mut self) -> Result<(), Unusable> {
        if self.batch.len() < BATCH {
            return Ok(());
        }
        let scanned = std::mem::replace(&mut self.batch, self.reader.batch(BATCH)).finish();
        self.handed_over.pass_on(scanned).await.map_err(Unusable::Fatal)?;
        self.handed_over.records = self.records;
        self.handed_over.trace = self.trace;
        self.handed_over.marks.pass(&self.slice.watch);
        Ok(())
    }

    /// What is left of the page, completed by what the engine has to know of all of it.
    fn finish(
        self,
        captured: &Captured,
        response: &Response,
        asked: Asked<'_>,
        content: impl FnOnce(Option<&[u8]>) -> u64,
    ) -> Result<Read, Unusable> {
        let (reader, slice, last) = (self.reader, self.slice, self.last);
        let (records, last_kept) = (self.records, self.handed_over.last_kept.take());
        let (scanned, kept) = rest_of(self.batch, self.handed_over);
        let seen = Seen {
            raw_records: records,
            kept,
            last: last.as_deref(),
            last_kept: last_kept.as_deref(),
            content: content(last.as_deref()),
            body_paths: reader.long_body_paths(),
            is_long: true,
        };
        reader.finish(scanned, &seen, captured, response, asked, slice).map_err(Unusable::Fatal)
    }

    /// The page up to a failure.
    fn fail(self, error: Error) -> Scanned {
        let (scanned, _) = rest_of(self.batch, self.handed_over);
        Scanned { failure: Some(error), raw_records: self.records, ..scanned }
    }
}

/// The records that have not left, with what the engine has to know of those that have; and how many were kept in all.
fn rest_of(batch: Batch<'_>, handed_over: &mut HandedOver<'_>) -> (Scanned, u64) {
    let mut scanned = batch.finish();
    scanned.newest = later(handed_over.newest.take(), scanned.newest);
    let mut fed = std::mem::take(&mut handed_over.fed);
    add(&mut fed, std::mem::take(&mut scanned.fed));
    scanned.fed = fed;
    let kept = handed_over.kept + scanned.kept;
    (scanned, kept)
}

/// Keeps a part of a text that is about to go.
fn copy(kept: &mut Option<Vec<u8>>, text: &[u8], place: Option<Range<usize>>) {
    let Some(part) = place.and_then(|place| text.get(place)) else { return };
    let kept = kept.get_or_insert_default();
    kept.clear();
    kept.extend_from_slice(part);
}

/// Where JSON text comes from, piece by piece.
enum Source {
    Body { start: Option<Bytes>, rest: Option<Rest> },
    Decoder(Worker<Bytes>),
}

impl Source {
    fn new(decoder: Option<&Arc<Decoder>>, response: &Response, body: Bytes, rest: Option<Rest>) -> Self {
        let Some(decoder) = decoder else { return Self::Body { start: Some(body), rest } };
        let decoder = Arc::clone(decoder);
        let content_type = response.content_type().map(str::to_owned);
        Self::Decoder(Worker::start(body, rest, move |body, results| {
            let mut writer = TextWriter { results, piece: Vec::new() };
            let decoded = decoder.text(body, content_type.as_deref(), &mut writer);
            // What came before a failure counts.
            std::io::Write::flush(&mut writer).map_err(Error::of_body)?;
            decoded.map(|()| 0)
        }))
    }

    /// The next piece; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, Unusable> {
        match self {
            Self::Body { start, rest } => match (start.take(), rest) {
                (Some(start), _) => Ok(Some(start)),
                (None, Some(rest)) => rest.chunk().await.map_err(Unusable::Lost),
                (None, None) => Ok(None),
            },
            Self::Decoder(worker) => Ok(match worker.next().await? {
                Made::Next(piece) => Some(piece),
                Made::End(_) => None,
            }),
        }
    }
}
