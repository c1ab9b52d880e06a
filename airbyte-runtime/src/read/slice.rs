//! One slice: page after page, each handed over while the next is already being asked for.

use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::Context;
use super::checkpoint::OpenSlice;
use super::page::{PageReader, Scanned};
use super::stream::{Fed, Run};
use crate::error::{Error, Result};
use crate::http::{Exchange, Outcome};
use crate::plan::cursor::Position;
use crate::plan::record::ReadSlice;
use crate::plan::{PageToken, Retriever};

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
                Self::Pages(PageReader::new(&context.client, &run.stream, retriever, &run.feeds, emits))
            }
            Retriever::Function(function) => Self::Function(*function),
        }
    }
}

async fn read_pages(context: &Context, run: &Run, reader: &PageReader<'_>, slice: &OpenSlice) -> Result<Newest> {
    let pages = Pages::new(context, reader, slice)?;
    let on_rate_limit = |wait| run.rate_limited(context, wait);
    let mut newest = None;
    let mut circle = Circle::default();
    let mut page = pages.fetch(reader.retriever.paginator.first(), &on_rate_limit).await?;
    while let Some(Fetched { scanned, next, permit }) = page {
        newest = later(newest, scanned.newest.clone());
        if next.is_some() && circle.closes(&scanned) {
            return Err(endless(next.as_ref()));
        }
        let fed = scanned.fed;
        let written = async {
            let result = write(context, run, scanned.lines, scanned.count).await;
            drop(permit);
            result
        };
        // The next page is on its way while this one waits for stdout. A page that feeds children is passed on first:
        // a page that waits behind it would keep a permit that a child may need.
        match next {
            Some(token) if fed.is_empty() => {
                let (fetched, written) = tokio::join!(pages.fetch(Some(token), &on_rate_limit), written);
                written?;
                page = fetched?;
            }
            next => {
                written.await?;
                feed(run, slice, fed).await;
                page = match next {
                    Some(token) => pages.fetch(Some(token), &on_rate_limit).await?,
                    None => None,
                };
            }
        }
    }
    Ok(newest)
}

fn endless(next: Option<&PageToken>) -> Error {
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
struct Circle {
    landmark: Option<u64>,
    since: u64,
    patience: u64,
    last: Option<u64>,
    repeats: u32,
}

impl Circle {
    /// Equal pages in a row that are no accident.
    const REPEATS: u32 = 2;

    /// Whether this page was seen before.
    fn closes(&mut self, page: &Scanned) -> bool {
        let same = page.raw_records > 0 && self.last == Some(page.content);
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
pub(super) async fn hand_over(context: &Context, run: &Run, slice: &OpenSlice, scanned: Scanned) -> Result<()> {
    write(context, run, scanned.lines, scanned.count).await?;
    feed(run, slice, scanned.fed).await;
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

/// Passes the children what names their partitions; waits while they are behind.
async fn feed(run: &Run, slice: &OpenSlice, fed: Vec<Vec<Vec<Option<Value>>>>) {
    for (feed, records) in run.feeds.iter().zip(fed) {
        if !records.is_empty() {
            let page = Fed::Page(records, std::sync::Arc::clone(&slice.slice.partition), feed.keys.clone());
            // A child that gave up no longer listens.
            let _ = feed.sender.send(page).await;
        }
    }
}

/// The pages of one slice.
struct Pages<'a> {
    context: &'a Context,
    reader: &'a PageReader<'a>,
    slice: &'a OpenSlice,
    draft: crate::plan::RequestDraft,
}

/// A page, and the token of the one after it.
struct Fetched {
    scanned: Scanned,
    next: Option<PageToken>,
    /// Kept as long as the page is in memory.
    permit: OwnedSemaphorePermit,
}

impl<'a> Pages<'a> {
    fn new(context: &'a Context, reader: &'a PageReader<'a>, slice: &'a OpenSlice) -> Result<Self> {
        let draft = reader.retriever.request.draft(&slice.slice)?;
        Ok(Self { context, reader, slice, draft })
    }

    /// Asks for the page of a token; `None` if the API's answer is to be ignored.
    async fn fetch(
        &self,
        token: Option<PageToken>,
        on_rate_limit: &dyn Fn(std::time::Duration),
    ) -> Result<Option<Fetched>> {
        let mut draft = self.draft.clone();
        self.reader.retriever.paginator.apply(token.as_ref(), &mut draft)?;
        let exchange = Exchange {
            client: &self.context.client,
            retriever: self.reader.retriever,
            requests: &self.context.requests,
            on_rate_limit,
        };
        let fetched = exchange.send(&draft, &self.draft.url, |outcome| match outcome {
            Outcome::Ignored => Ok(None),
            Outcome::Page(response) => self.reader.scan(&response, token.as_ref(), self.slice).map(Some),
        });
        let (page, permit) = fetched.await?;
        let Some((scanned, next)) = page else { return Ok(None) };
        Ok(Some(Fetched { scanned, next, permit }))
    }
}

/// Whether the stream can be read: asks for its first slice's first page. For `check`.
///
/// # Errors
/// Whatever kept the page from being read.
pub(crate) async fn first_record(context: &Context, stream: usize) -> Result<()> {
    let Some(plan) = context.plan.streams.get(stream) else { return Ok(()) };
    let Some(partition) = first_partition(context, stream).await? else { return Ok(()) };
    let mut checkpoint = super::checkpoint::Checkpoint::resume(plan, None)?;
    let Some(slice) = checkpoint.open(partition, context.now).next() else { return Ok(()) };
    match &plan.retriever {
        Retriever::Http(retriever) => {
            let reader = PageReader::new(&context.client, plan, retriever, &[], false);
            let pages = Pages::new(context, &reader, &slice)?;
            pages.fetch(retriever.paginator.first(), &|_| ()).await.map(drop)
        }
        Retriever::Function(function) => super::function::check(context, *function, &slice).await,
    }
}

/// The first partition of a stream, which takes the first record of each of its ancestors.
fn first_partition(
    context: &Context,
    stream: usize,
) -> futures_util::future::LocalBoxFuture<'_, Result<Option<std::sync::Arc<crate::plan::Partition>>>> {
    Box::pin(async move {
        let Some(plan) = context.plan.streams.get(stream) else { return Ok(None) };
        let mut keys = serde_json::Map::new();
        for router in &plan.partitions.routers {
            let Some(first) = router.partitions(&context.plan.config).await?.into_iter().next() else {
                return Ok(None);
            };
            keys.extend(first);
        }
        let Some(parent) = plan.partitions.parents.first() else {
            return Ok(Some(std::sync::Arc::new(crate::plan::Partition::new(keys, serde_json::Map::new()))));
        };
        let Some(parent_plan) = context.plan.streams.get(parent.stream) else { return Ok(None) };
        let (Some(partition), Retriever::Http(retriever)) =
            (first_partition(context, parent.stream).await?, &parent_plan.retriever)
        else {
            return Ok(None);
        };
        let mut checkpoint = super::checkpoint::Checkpoint::resume(parent_plan, None)?;
        let Some(slice) = checkpoint.open(partition, context.now).next() else { return Ok(None) };
        let (sender, _receiver) = tokio::sync::mpsc::channel(1);
        let feeds = [super::stream::Feed { keys: parent.keys.clone(), sender }];
        let reader = PageReader::new(&context.client, parent_plan, retriever, &feeds, false);
        let pages = Pages::new(context, &reader, &slice)?;
        let Some(fetched) = pages.fetch(retriever.paginator.first(), &|_| ()).await? else { return Ok(None) };
        let first: Option<Vec<Option<Value>>> =
            fetched.scanned.fed.into_iter().next().and_then(|records| records.into_iter().next());
        let child =
            first.and_then(|values| super::partitions::child(&parent.keys, &values, &slice.slice.partition, &keys));
        Ok(child.map(std::sync::Arc::new))
    })
}
