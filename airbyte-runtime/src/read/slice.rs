//! One slice: page after page, each handed over while the next is already being asked for.

use tokio::sync::OwnedSemaphorePermit;

use super::Context;
use super::checkpoint::OpenSlice;
use super::page::{PageReader, Read};
use super::records::Scanned;
use super::stream::{Fed, Run};
use crate::error::{Error, Result};
use crate::http::{Exchange, Outcome, Unusable};
use crate::plan::cursor::Position;
use crate::plan::record::ReadSlice;
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
        Reader::Function(function) => super::function::read(context, run, *function, slice).await,
    }
}

/// What reads the slices of a run; made once for all of them.
pub(super) enum Reader<'a> {
    Pages(PageReader<'a>),
    Function(&'static dyn ReadSlice),
}

impl<'a> Reader<'a> {
    pub(super) fn new(context: &'a Context, run: &'a Run) -> Self {
        match &run.stream.retriever {
            Retriever::Http(retriever) => {
                let emits = run.emits.is_some();
                Self::Pages(PageReader::new(
                    &context.client,
                    &run.stream,
                    retriever,
                    run.takes(),
                    emits,
                    run.configured.as_ref(),
                ))
            }
            Retriever::Function(function) => Self::Function(*function),
        }
    }
}

async fn read_pages(context: &Context, run: &Run, reader: &PageReader<'_>, slice: &OpenSlice) -> Result<Newest> {
    let pages = Pages::new(context, reader, slice)?;
    let on_rate_limit = |wait| run.rate_limited(context, wait);
    let fetch = async |token| {
        run.turn.come().await;
        pages.fetch(token, &on_rate_limit).await
    };
    let mut newest = None;
    let mut circle = Circle::default();
    let mut resets = 0;
    let mut page = fetch(reader.retriever.paginator.first()).await?;
    loop {
        let Fetched { scanned, next, permit } = match page {
            Step::Page(fetched) => fetched,
            Step::End => break,
            Step::Reset if resets == 0 => {
                resets += 1;
                // The same pages are meant to come again.
                circle = Circle::default();
                page = fetch(reader.retriever.paginator.first()).await?;
                continue;
            }
            Step::Reset => {
                return Err(Error::system("the API asks again and again to begin from the first page"));
            }
        };
        newest = later(newest, scanned.newest.clone());
        if next.is_some() && circle.closes(&scanned, run.stream.conduct.notice_repeats) {
            return Err(endless(next.as_ref()));
        }
        let (fed, failure) = (scanned.fed, scanned.failure);
        let written = async {
            let result = write(context, run, scanned.lines, scanned.count).await;
            drop(permit);
            result
        };
        // The next page is on its way while this one waits for stdout. A page that feeds children is passed on first:
        // a page that waits behind it would keep a permit that a child may need.
        match next {
            Some(token) if fed.is_empty() && failure.is_none() => {
                let (fetched, written) = tokio::join!(fetch(Some(token)), written);
                written?;
                page = fetched?;
            }
            next => {
                written.await?;
                feed(run, fed).await;
                if let Some(failure) = failure {
                    return Err(failure);
                }
                page = match next {
                    Some(token) => fetch(Some(token)).await?,
                    None => Step::End,
                };
            }
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

/// Notices pages that come again: in a circle of tokens by Brent's method, where one fingerprint is kept and replaced
/// after 1, 2, 4, … pages; and one after the other, from an API that ignores its page parameter.
#[derive(Default)]
pub(super) struct Circle {
    landmark: Option<u64>,
    since: u64,
    patience: u64,
    last: Option<u64>,
    repeats: u32,
}

impl Circle {
    /// Equal pages in a row that are no accident.
    const REPEATS: u32 = 2;

    /// Whether this page was seen before, or repeats the one before it if that is looked for.
    pub(super) fn closes(&mut self, page: &Scanned, notice_repeats: bool) -> bool {
        let same = notice_repeats && page.raw_records > 0 && self.last == Some(page.content);
        self.repeats = if same { self.repeats + 1 } else { 0 };
        self.last = Some(page.content);
        if self.landmark == Some(page.fingerprint) || self.repeats >= Self::REPEATS {
            return true;
        }
        self.since += 1;
        if self.since >= self.patience {
            self.landmark = Some(page.fingerprint);
            self.since = 0;
            self.patience = (self.patience * 2).max(1);
        }
        false
    }
}

pub(super) fn later(a: Newest, b: Newest) -> Newest {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.order > a.order { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Queues a page's records, then feeds the children.
pub(super) async fn hand_over(context: &Context, run: &Run, scanned: Scanned) -> Result<()> {
    write(context, run, scanned.lines, scanned.count).await?;
    feed(run, scanned.fed).await;
    Ok(())
}

/// Queues records for stdout; waits while the queue is full.
async fn write(context: &Context, run: &Run, lines: Vec<u8>, count: u64) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    run.running(context)?;
    run.records.set(run.records.get() + count);
    if let Some(index) = run.emits {
        run.unsaved.set(run.unsaved.get() + lines.len());
        context.output.records(index, lines, count).await?;
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
    context: &'a Context,
    pub(super) reader: &'a PageReader<'a>,
    pub(super) slice: &'a OpenSlice,
    home: Url,
}

/// What became of a request for a page.
pub(super) enum Step {
    Page(Fetched),
    /// The API's answer is to be ignored, and ends the slice.
    End,
    /// The slice is to be read again from its first page.
    Reset,
}

/// A page, and the token of the one after it.
pub(super) struct Fetched {
    pub(super) scanned: Scanned,
    pub(super) next: Option<PageToken>,
    /// Kept as long as the page is in memory.
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(context: &'a Context, reader: &'a PageReader<'a>, slice: &'a OpenSlice) -> Result<Self> {
        let home = reader.retriever.requester.home(&slice.slice)?;
        Ok(Self { context, reader, slice, home })
    }

    /// Asks for the page of a token.
    pub(super) async fn fetch(
        &self,
        token: Option<PageToken>,
        on_rate_limit: &dyn Fn(std::time::Duration),
    ) -> Result<Step> {
        if let Some(chunks) = &self.reader.chunks {
            return self.fetch_chunks(chunks, token, on_rate_limit).await;
        }
        let inject = |_: &mut _| Ok(());
        let page = self.exchange(&self.slice.slice, token.as_ref(), &inject, on_rate_limit, |outcome| match outcome {
            Outcome::Ignored => Ok(Err(Step::End)),
            Outcome::Reset => Ok(Err(Step::Reset)),
            Outcome::Page(response) => self.reader.read(&response, token.as_ref(), self.slice).map(Ok),
        });
        Ok(Self::step(page.await?))
    }

    /// Sends a request for a page, to which `inject` may add something, and lets `accept` look at the answer.
    pub(super) async fn exchange<T>(
        &self,
        slice: &Slice,
        token: Option<&PageToken>,
        inject: &dyn Fn(&mut RequestDraft) -> Result<()>,
        on_rate_limit: &dyn Fn(std::time::Duration),
        accept: impl FnMut(Outcome) -> Result<T, Unusable>,
    ) -> Result<(T, OwnedSemaphorePermit)> {
        let retriever = self.reader.retriever;
        let mut draft = retriever.requester.draft(slice, token)?;
        inject(&mut draft)?;
        retriever.paginator.apply(token, &mut draft)?;
        let exchange =
            Exchange { client: &self.context.client, retriever, requests: &self.context.requests, on_rate_limit };
        exchange.send(&draft, &self.home, accept).await
    }

    pub(super) fn step((page, permit): (Result<Read, Step>, OwnedSemaphorePermit)) -> Step {
        match page {
            Ok((scanned, next)) => Step::Page(Fetched { scanned, next, permit: Some(permit) }),
            Err(step) => step,
        }
    }
}
