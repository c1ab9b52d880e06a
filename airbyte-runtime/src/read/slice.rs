//! One slice: page after page, each handed over while the next is already being asked for.

use std::cell::Cell;

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::Context;
use super::ahead::{Arrived, LookAhead};
use super::checkpoint::{Moment, OpenSlice};
use super::course::{Asked, Course};
use super::files;
use super::jobs::{Driver, Gate, Listener};
use super::long::HandedOver;
use super::page::{PageReader, Read, unusable};
use super::records::Scanned;
use super::stream::{Fed, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Detour, Exchange, Outcome, Permit, Response, Unusable};
use crate::plan::cursor::Position;
use crate::plan::job::JobRetriever;
use crate::plan::memory::Entry;
use crate::plan::record::{Completion, ReadSlice};
use crate::plan::slice::Part;
use crate::plan::{PageToken, RequestDraft, Retriever, Slice, Url};

/// The greatest cursor value among the records of a slice.
pub(super) type Newest = Option<Position>;

/// Reads a slice to its end.
///
/// # Errors
/// Whatever kept a page from being read; its slice does not count as read.
pub(super) async fn read(context: &Context, run: &Run, reader: &Reader<'_>, slice: &OpenSlice) -> Result<Newest> {
    match reader {
        Reader::Pages(reader) => read_pages(context, run, reader, slice).await,
        Reader::Jobs(reader) => read_job(context, run, reader, slice).await,
        Reader::Function(function) => super::function::read(context, run, *function, slice).await,
    }
}

/// What reads the slices of a run; made once for all of them.
pub(super) enum Reader<'a> {
    Pages(PageReader<'a>),
    /// What a job has made ready.
    Jobs(JobReader<'a>),
    Function(&'a dyn ReadSlice),
}

impl<'a> Reader<'a> {
    pub(super) fn new(context: &'a Context, run: &'a Run) -> Self {
        let pages = |retriever| {
            let (emits, configured) = (run.emits.is_some(), run.configured.as_ref());
            PageReader::new(&context.client, &run.stream, retriever, run.takes(), emits, configured, run.watch.get())
                .remembering(&run.checkpoint)
                .bringing_files(run.staging.is_some())
        };
        match &run.stream.retriever {
            Retriever::Http(retriever) => Self::Pages(pages(retriever)),
            Retriever::Jobs(jobs) => {
                let is_held_back = jobs.policy.downloads_last && context.plan.concurrency.most == 1;
                let gate = is_held_back.then(Gate::default);
                Self::Jobs(JobReader { pages: pages(&jobs.download), jobs, gate })
            }
            Retriever::Function(function) => Self::Function(&**function),
        }
    }

    /// The most slices in flight, where so many requests may be.
    pub(super) fn limit(&self, requests: usize) -> usize {
        match self {
            // Slices whose jobs run wait for the API, not for requests.
            Self::Jobs(JobReader { gate: None, jobs, .. }) => requests.max(jobs.limit),
            Self::Jobs(JobReader { gate: Some(_), .. }) => usize::MAX,
            Self::Pages(_) | Self::Function(_) => requests,
        }
    }

    /// There are no further slices.
    pub(super) fn complete(&self) {
        if let Self::Jobs(JobReader { gate: Some(gate), .. }) = self {
            gate.complete();
        }
    }
}

/// What reads the downloads of jobs.
pub(super) struct JobReader<'a> {
    pages: PageReader<'a>,
    jobs: &'a JobRetriever,
    gate: Option<Gate>,
}

/// Reads what a job makes ready: that of an earlier read if it can still be had, else one that is begun now.
async fn read_job(context: &Context, run: &Run, reader: &JobReader<'_>, slice: &OpenSlice) -> Result<Newest> {
    run.turn.come().await;
    let JobReader { pages, jobs, gate } = reader;
    let listener = JobListener { context, run };
    let driver = Driver { context, stream: &run.stream, jobs, open: slice, listener: &listener };
    let mut old = slice.job.as_ref();
    loop {
        let done = match gate {
            Some(gate) => gate.pass(driver.finish(old)).await?,
            None => driver.finish(old).await?,
        };
        let Some(done) = done else { return Ok(None) };
        match read_downloads(context, run, pages, &done.downloads).await {
            Ok(newest) => {
                driver.delete(&done).await;
                return Ok(newest);
            }
            // Downloads do not stay for ever; records that came before the failure come again.
            Err(error) if done.is_old && error.kind() == ErrorKind::System => {
                tracing::info!("the downloads of an earlier read's job are gone: {}", error.message());
                driver.lose(&done.job);
                old = None;
            }
            Err(error) => {
                driver.leave(&done.job, &error);
                return Err(error);
            }
        }
    }
}

async fn read_downloads(
    context: &Context,
    run: &Run,
    reader: &PageReader<'_>,
    downloads: &[OpenSlice],
) -> Result<Newest> {
    let mut newest = None;
    for download in downloads {
        newest = later(newest, read_pages(context, run, reader, download).await?);
    }
    Ok(newest)
}

/// Keeps the jobs of a run in its state.
struct JobListener<'a> {
    context: &'a Context,
    run: &'a Run,
}

impl Listener for JobListener<'_> {
    fn rate_limited(&self, wait: std::time::Duration) {
        self.run.rate_limited(self.context, wait);
    }

    fn begun(&self, slice: &Slice, identity: Map<String, Value>) -> Result<bool> {
        if self.run.emits.is_none() {
            // Nobody sees the state of a silent run.
            return Ok(false);
        }
        self.run.checkpoint.borrow_mut().jobs().remember(slice, identity);
        self.underway()?;
        Ok(true)
    }

    fn underway(&self) -> Result<()> {
        let has_news = self.run.checkpoint.borrow_mut().jobs().has_news();
        if has_news { self.run.save(self.context, Moment::Underway) } else { Ok(()) }
    }

    fn lost(&self, slice: &Slice) {
        self.run.checkpoint.borrow_mut().jobs().forget(slice);
    }
}

async fn read_pages(context: &Context, run: &Run, reader: &PageReader<'_>, slice: &OpenSlice) -> Result<Newest> {
    let turn = Mutex::new(());
    let pages = Pages::new(context, reader, slice)?;
    // A page whose records wait for their files is not kept open meanwhile.
    let pages = if run.staging.is_some() { pages } else { pages.handing_over(run, &turn) };
    let on_rate_limit = |wait| run.rate_limited(context, wait);
    let ahead = LookAhead::new(context, run, &pages);
    let fetch = async |course: &Course<'_>| {
        let arrived = ahead.take(course).await;
        run.turn.come().await;
        let (before_retry, on_head) = (|| ahead.go_back(), |head: &Response| ahead.hear(course, head));
        pages.fetch_or_take(course, arrived, &on_rate_limit, &before_retry, &on_head).await
    };
    let mut course = Course::new(&run.stream, reader.retriever, run.checkpoint.borrow().begins_fresh());
    let walk = walk(context, run, slice, &turn, &mut course, fetch);
    let read = ahead.alongside(walk).await;
    // What was asked for behind the last page is not waited for.
    drop(ahead);
    pages.close(&course, &on_rate_limit).await;
    read
}

/// Reads page after page, to the end of the course.
async fn walk<'c>(
    context: &Context,
    run: &Run,
    slice: &OpenSlice,
    turn: &Mutex<()>,
    course: &mut Course<'c>,
    fetch: impl AsyncFn(&Course<'c>) -> Result<Step>,
) -> Result<Newest> {
    let mut newest = None;
    let mut step = fetch(course).await?;
    loop {
        let Fetched { scanned, next, permit } = match step {
            Step::Page(fetched) => fetched,
            Step::Detour(detour) => match course.take(&detour, slice)? {
                Some(wait) => {
                    let what = format!("a shorter window of stream `{}`", run.stream.name);
                    context.client.pending.sleep(what, wait).await;
                    step = fetch(course).await?;
                    continue;
                }
                None => break,
            },
        };
        newest = later(newest, scanned.newest.clone());
        if next.is_some() && course.closes(&scanned) {
            return Err(endless(next.as_ref()));
        }
        let is_whole = !course.part(slice).is_part;
        let goes_on = course.go_on(&scanned, next, slice);
        let (fed, failure, reached) = (scanned.fed, scanned.failure, scanned.newest.filter(|_| is_whole));
        let (lines, files, entries) = (scanned.lines, scanned.files, scanned.entries);
        let waits_for_files = !files.is_empty();
        // A long page that comes next may have records before these are queued.
        let in_turn = turn.lock().await;
        let written = async {
            let result = match waits_for_files {
                // Each file needs a permit of its own.
                true => {
                    drop(permit);
                    files::write(context, run, &lines, files, entries).await
                }
                false => {
                    let result = write(context, run, lines, scanned.count, entries).await;
                    drop(permit);
                    result
                }
            };
            drop(in_turn);
            result.and_then(|()| run.advance(context, slice, reached.as_ref()))
        };
        // The next page is on its way while this one waits for stdout. A page that feeds children or waits for files is
        // passed on first: a page that waits behind it would keep a permit that a child or a file may need.
        if let (Ok(true), true, None) = (&goes_on, fed.is_empty() && !waits_for_files, &failure) {
            // The state behind this page is known before the next one, which may be here already, is looked at.
            let (written, fetched) = tokio::join!(biased; written, fetch(course));
            written?;
            step = fetched?;
            continue;
        }
        written.await?;
        feed(run, fed).await;
        if let Some(failure) = failure {
            return Err(failure);
        }
        match goes_on? {
            true => step = fetch(course).await?,
            false => break,
        }
    }
    Ok(newest)
}

pub(super) fn endless(next: Option<&PageToken>) -> Error {
    let next = match next {
        Some(PageToken::Url(url)) => crate::http::without_query(url),
        Some(PageToken::Value(value)) => value.to_string(),
        None => String::new(),
    };
    Error::system(
        "the API answers the same pages again and again; the stream would never end. Check where the page token goes",
    )
    .with_detail(format!("next page {next}"))
}

pub(super) fn later(a: Newest, b: Newest) -> Newest {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.order > a.order { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Queues a page's records, then feeds the children.
pub(super) async fn hand_over(context: &Context, run: &Run, scanned: Scanned) -> Result<()> {
    write(context, run, scanned.lines, scanned.count, scanned.entries).await?;
    feed(run, scanned.fed).await;
    Ok(())
}

/// Queues records for stdout; waits while the queue is full, and until those are written that are longer than all of it.
pub(super) async fn write(context: &Context, run: &Run, lines: Vec<u8>, count: u64, entries: Vec<Entry>) -> Result<()> {
    if count > 0 {
        queue(context, run, lines, count).await?;
    }
    run.remember(entries);
    Ok(())
}

pub(super) async fn queue(context: &Context, run: &Run, lines: Vec<u8>, count: u64) -> Result<()> {
    let room = match run.emits {
        Some(index) => Some((index, context.output.room_for(lines.len()).await?)),
        None => None,
    };
    // Only now: while this waited, another slice may have told the platform that the API limits the rate.
    run.running(context)?;
    run.records.set(run.records.get() + count);
    if let Some((index, room)) = room {
        run.unsaved.set(run.unsaved.get() + lines.len());
        context.output.records(index, lines, count, room).await?;
    }
    Ok(())
}

/// Passes the children their parts; waits while they are behind.
async fn feed(run: &Run, fed: Vec<Vec<Part>>) {
    for (feed, parts) in run.feeds.iter().zip(fed) {
        if !parts.is_empty() {
            feed.send(&run.turn, Fed::Page(parts)).await;
        }
    }
}

/// The pages of one slice.
pub(super) struct Pages<'a> {
    pub(super) context: &'a Context,
    pub(super) reader: &'a PageReader<'a>,
    pub(super) slice: &'a OpenSlice,
    pub(super) home: Url,
    /// Where the records of a long page go while it arrives; without it every page is read to its end first.
    early: Option<(&'a Run, &'a Mutex<()>)>,
    /// Whether one of the pages was so long that others had better not wait in memory for their turn.
    pub(super) has_long_pages: Cell<bool>,
}

/// What became of a request for a page.
pub(super) enum Step {
    Page(Fetched),
    Detour(Detour),
}

/// A page, and the token of the one after it.
pub(super) struct Fetched {
    pub(super) scanned: Scanned,
    pub(super) next: Option<PageToken>,
    /// Kept as long as the page is in memory.
    pub(super) permit: Option<Permit>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(context: &'a Context, reader: &'a PageReader<'a>, slice: &'a OpenSlice) -> Result<Self> {
        let home = reader.home(&slice.slice)?;
        Ok(Self { context, reader, slice, home, early: None, has_long_pages: Cell::new(false) })
    }

    /// Lets the records of long pages leave while these arrive, whenever `turn` is free.
    fn handing_over(self, run: &'a Run, turn: &'a Mutex<()>) -> Self {
        Self { early: Some((run, turn)), ..self }
    }

    /// Asks for the page that is the next on the course.
    pub(super) async fn fetch(&self, course: &Course<'_>, on_rate_limit: &dyn Fn(std::time::Duration)) -> Result<Step> {
        self.fetch_or_take(course, None, on_rate_limit, &|| (), &|_| ()).await
    }

    /// The same where the page may have come already. If that one is of no use, it is asked for again; `before_retry` is
    /// called whenever that is so, and `on_head` as soon as the head of the page is here.
    async fn fetch_or_take(
        &self,
        course: &Course<'_>,
        arrived: Option<Arrived>,
        on_rate_limit: &dyn Fn(std::time::Duration),
        before_retry: &dyn Fn(),
        on_head: &dyn Fn(&Response),
    ) -> Result<Step> {
        let (asked, part) = (course.asked(), course.part(self.slice));
        if let Some(page) = asked.embedded.and_then(|name| part.slice.partition.extra.get(name)) {
            return self.read_embedded(page, asked, part).await;
        }
        if let Some(chunks) = &self.reader.chunks {
            return self.fetch_chunks(chunks, asked, part, on_rate_limit).await;
        }
        let inject = |_: &mut _| Ok(());
        let records = self.reader.retriever.records.parsed.as_deref();
        if let Some(parsed) = records.filter(|records| records.may_be_incomplete()) {
            let accept = |outcome| match outcome {
                // A body that broke off is asked for again before anything is fetched for it.
                Outcome::Page(response) => {
                    let completion = parsed.complete(&response).map_err(unusable)?;
                    Ok(Ok((response, completion)))
                }
                Outcome::Detour(detour) => Ok(Err(detour)),
            };
            let (outcome, permit) = self.exchange(&part.slice, asked, &inject, on_rate_limit, None, accept).await?;
            return match outcome {
                Ok((response, completion)) => self.read_completed(&response, completion, permit, asked, part).await,
                Err(detour) => Ok(Step::Detour(detour)),
            };
        }
        let mut handed_over = self.early.map(|(run, turn)| HandedOver::nothing(self.context, run, turn));
        let mut accept = async |outcome, permit: &mut Permit| match (outcome, &mut handed_over) {
            (Outcome::Detour(detour), _) => Ok(Err(detour)),
            (Outcome::Page(response), None) => self.reader.read(&response, asked, part).map(Ok),
            (Outcome::Page(response), Some(handed_over)) => {
                let is_long = self.at_once().is_some_and(|at_once| response.body.len() > at_once);
                self.has_long_pages.set(self.has_long_pages.get() || is_long);
                self.reader.read_arriving(response, permit, asked, part, handed_over).await.map(Ok)
            }
        };
        if let Some((response, mut permit)) = arrived {
            match accept(Outcome::Page(response), &mut permit).await {
                Ok(page) => return Ok(Self::step((page, permit))),
                Err(Unusable::Fatal(error)) => return Err(error),
                Err(Unusable::Incomplete(_) | Unusable::Lost(_)) => before_retry(),
            }
        }
        let draft = self.draft(&part.slice, asked, &inject)?;
        let exchange = Exchange { before_retry, on_head, ..self.exchange_with(on_rate_limit, self.at_once()) };
        Ok(Self::step(exchange.send_and_read(&draft, &self.home, accept).await?))
    }

    /// A page of more bytes is read while it arrives, if its records may leave meanwhile.
    pub(super) fn at_once(&self) -> Option<usize> {
        self.early.and_then(|_| self.reader.at_once())
    }

    /// Lets the API know that nothing more is asked for, where the paginator has a request for that.
    async fn close(&self, course: &Course<'_>, on_rate_limit: &dyn Fn(std::time::Duration)) {
        let Some(token) = course.asked().token else { return };
        let retriever = self.reader.retriever;
        let part = &course.part(self.slice).slice;
        let request = retriever.requester.draft(part, Some(token)).and_then(|mut draft| {
            let closes = retriever.paginator.close(token, &mut draft)?;
            Ok(closes.then_some(draft))
        });
        let closed = match request {
            Ok(None) => return,
            Ok(Some(draft)) => {
                let exchange = self.exchange_with(on_rate_limit, None);
                exchange.send(&draft, &self.home, |_| Ok(())).await.map(drop)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = closed {
            // It ends by itself some day; the records are here.
            tracing::info!("what the API keeps for the pages could not be closed: {}", error.message());
        }
    }

    /// Sends a request for a page, to which `inject` may add something, and lets `accept` look at the answer; at one of
    /// more than `at_once` bytes before all of it has arrived.
    pub(super) async fn exchange<T>(
        &self,
        slice: &Slice,
        asked: Asked<'_>,
        inject: &dyn Fn(&mut RequestDraft) -> Result<()>,
        on_rate_limit: &dyn Fn(std::time::Duration),
        at_once: Option<usize>,
        accept: impl FnMut(Outcome) -> Result<T, Unusable>,
    ) -> Result<(T, Permit)> {
        let draft = self.draft(slice, asked, inject)?;
        self.exchange_with(on_rate_limit, at_once).send(&draft, &self.home, accept).await
    }

    /// The request for a page.
    pub(super) fn draft(
        &self,
        slice: &Slice,
        asked: Asked<'_>,
        inject: &dyn Fn(&mut RequestDraft) -> Result<()>,
    ) -> Result<RequestDraft> {
        let retriever = self.reader.retriever;
        let mut draft = retriever.requester.draft(slice, asked.token)?;
        inject(&mut draft)?;
        retriever.paginator.apply(asked.token, &mut draft)?;
        if let Some(size) = asked.page_size {
            retriever.paginator.resize(size, &mut draft)?;
        }
        Ok(draft)
    }

    /// What it takes to send such a request.
    pub(super) fn exchange_with<'s>(
        &'s self,
        on_rate_limit: &'s dyn Fn(std::time::Duration),
        at_once: Option<usize>,
    ) -> Exchange<'s> {
        Exchange {
            client: &self.context.client,
            retriever: self.reader.retriever,
            gate: &self.context.gate,
            on_rate_limit,
            before_retry: &|| (),
            on_head: &|_| (),
            at_once,
            is_file: false,
        }
    }

    pub(super) fn step((page, permit): (Result<Read, Detour>, Permit)) -> Step {
        match page {
            Ok((scanned, next)) => Step::Page(Fetched { scanned, next, permit: Some(permit) }),
            Err(detour) => Step::Detour(detour),
        }
    }

    /// Reads a page that a parent's record brought along.
    async fn read_embedded(&self, page: &Value, asked: Asked<'_>, part: &OpenSlice) -> Result<Step> {
        let permit = self.context.gate.room().await?;
        let body = page.to_string().into();
        let response = Response {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            reason: None,
            url: self.home.clone(),
            body,
            rest: None,
        };
        let parsed = self.reader.retriever.records.parsed.as_deref();
        let completion: Completion<'_> = match parsed.filter(|parsed| parsed.may_be_incomplete()) {
            Some(parsed) => parsed.complete(&response)?,
            None => Box::pin(async { Ok(None) }),
        };
        self.read_completed(&response, completion, permit, asked, part).await
    }

    /// Reads a page, and fetches what its records lack.
    async fn read_completed(
        &self,
        response: &Response,
        completion: Completion<'_>,
        permit: Permit,
        asked: Asked<'_>,
        part: &OpenSlice,
    ) -> Result<Step> {
        let (scanned, next) = match &completion.await? {
            Some(completed) => self.reader.parse(&**completed, response, asked, part)?,
            None => self.reader.read(response, asked, part).map_err(Unusable::into_error)?,
        };
        Ok(Step::Page(Fetched { scanned, next, permit: Some(permit) }))
    }
}
