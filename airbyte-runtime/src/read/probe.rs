//! Reading one page at a time: whether a stream can be read at all, for `check`.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;

use super::Context;
use super::checkpoint::{Checkpoint, OpenSlice, Slices};
use super::join::Join;
use super::page::PageReader;
use super::records::Scanned;
use super::slice::{Circle, Pages, Step, endless};
use crate::error::{Error, Result};
use crate::plan::slice::Part;
use crate::plan::{PageToken, Partition, Retriever, StreamPlan, Take};

/// Whether the stream can be read: asks for page after page until the first record.
///
/// # Errors
/// Whatever kept a page from being read, and a stream without any partition.
pub(crate) async fn first_record(context: &Context, stream: usize) -> Result<()> {
    let Some(plan) = context.plan.streams.get(stream) else { return Ok(()) };
    let mut walk = Walk::new(context, plan, None).await?;
    match &plan.retriever {
        Retriever::Function(function) => match walk.next_slice().await? {
            Some(slice) => super::function::check(context, *function, &slice).await,
            None => walk.found_no_slice(),
        },
        Retriever::Http(_) => loop {
            match walk.next_page().await? {
                Some(page) if page.raw_records == 0 && walk.is_reading() => {}
                // That a first slice without records can be read is answer enough.
                Some(_) => return Ok(()),
                None if walk.slices_seen == 0 => return walk.found_no_slice(),
                None => return Ok(()),
            }
        },
    }
}

/// A stream that is read in one strand: no request is sent before its answer is wanted.
struct Walk<'c> {
    context: &'c Context,
    plan: &'c StreamPlan,
    reader: Option<PageReader<'c>>,
    checkpoint: Checkpoint,
    join: Join,
    parts: VecDeque<Part>,
    /// The parents that have not been read to their end, with their numbers.
    parents: VecDeque<(usize, Walk<'c>)>,
    slices: Option<Slices>,
    /// The slice that is being read, and the token of its next page.
    open: Option<(OpenSlice, Option<PageToken>)>,
    slices_seen: u64,
    circle: Circle,
}

impl<'c> Walk<'c> {
    /// A walk through a stream, for a child if it has something to `take` from the records.
    fn new(
        context: &'c Context,
        plan: &'c Arc<StreamPlan>,
        take: Option<Take>,
    ) -> LocalBoxFuture<'c, Result<Walk<'c>>> {
        Box::pin(async move {
            let (join, parts) = Join::new(&plan.partitions, &context.plan.config).await?;
            let mut parents = VecDeque::new();
            for (number, parent) in plan.partitions.parents().into_iter().enumerate() {
                let Some(stream) = context.plan.streams.get(parent.stream) else {
                    return Err(Error::system("a parent stream is missing from the plan"));
                };
                parents.push_back((number, Walk::new(context, stream, Some(parent.take.clone())).await?));
            }
            let reader = match &plan.retriever {
                Retriever::Http(retriever) => {
                    Some(PageReader::new(&context.client, plan, retriever, take.into_iter().collect(), false))
                }
                Retriever::Function(_) => None,
            };
            Ok(Walk {
                context,
                plan,
                reader,
                checkpoint: Checkpoint::resume(plan, None)?,
                join,
                parts: parts.into(),
                parents,
                slices: None,
                open: None,
                slices_seen: 0,
                circle: Circle::default(),
            })
        })
    }

    /// Whether the slice has more pages.
    fn is_reading(&self) -> bool {
        self.open.is_some()
    }

    fn found_no_slice(&self) -> Result<()> {
        if !self.plan.conduct.needs_a_partition {
            // A list that the user left empty, or a parent without records, is no mistake.
            return Ok(());
        }
        Err(Error::system(format!("stream `{}` has no partitions, so nothing of it can be read", self.plan.name))
            .with_detail("its parent streams have no records, or the list that names its partitions is empty"))
    }

    /// The next page; `None` at the end of the stream.
    async fn next_page(&mut self) -> Result<Option<Scanned>> {
        let Some(reader) = &self.reader else { return Ok(None) };
        loop {
            if let Some((slice, token)) = self.open.take() {
                let fetched = Pages::new(self.context, reader, &slice)?.fetch(token, &|_| ()).await?;
                let fetched = match fetched {
                    Step::Page(fetched) => fetched,
                    Step::End => return Ok(Some(Scanned::default())),
                    Step::Reset => return Err(Error::system("the API asks to begin from the first page again")),
                };
                if fetched.next.is_some() && self.circle.closes(&fetched.scanned, self.plan.conduct.notice_repeats) {
                    return Err(endless(fetched.next.as_ref()));
                }
                self.open = fetched.next.map(|next| (slice, Some(next)));
                return Ok(Some(fetched.scanned));
            }
            let first = match &self.plan.retriever {
                Retriever::Http(retriever) => retriever.paginator.first(),
                Retriever::Function(_) => None,
            };
            let Some(slice) = next_slice(
                &mut self.slices,
                &mut self.parts,
                &mut self.join,
                &mut self.parents,
                &mut self.checkpoint,
                self.context,
            )
            .await?
            else {
                return Ok(None);
            };
            self.slices_seen += 1;
            self.circle = Circle::default();
            self.open = Some((slice, first));
        }
    }

    async fn next_slice(&mut self) -> Result<Option<OpenSlice>> {
        next_slice(
            &mut self.slices,
            &mut self.parts,
            &mut self.join,
            &mut self.parents,
            &mut self.checkpoint,
            self.context,
        )
        .await
    }
}

/// The next slice, for which pages of the parents are read if need be. Its arguments are the fields of a [`Walk`]
/// whose reader is borrowed meanwhile.
fn next_slice<'w, 'c>(
    slices: &'w mut Option<Slices>,
    parts: &'w mut VecDeque<Part>,
    join: &'w mut Join,
    parents: &'w mut VecDeque<(usize, Walk<'c>)>,
    checkpoint: &'w mut Checkpoint,
    context: &'c Context,
) -> LocalBoxFuture<'w, Result<Option<OpenSlice>>> {
    Box::pin(async move {
        loop {
            if let Some(slice) = slices.as_mut().and_then(Iterator::next) {
                return Ok(Some(slice));
            }
            if let Some(part) = parts.pop_front() {
                *slices = Some(checkpoint.open(Arc::new(Partition::new(part)), context.now));
                continue;
            }
            let Some((number, parent)) = parents.front_mut() else {
                parts.extend(join.finish());
                if parts.is_empty() {
                    return Ok(None);
                }
                continue;
            };
            match parent.next_page().await? {
                Some(page) => {
                    if let Some(failure) = page.failure {
                        return Err(failure);
                    }
                    for part in page.fed.into_iter().flatten() {
                        parts.extend(join.arrive(*number, part));
                    }
                }
                None => drop(parents.pop_front()),
            }
        }
    })
}

/// The key under which [`records`] hands over a record.
#[cfg(feature = "manifest")]
pub(crate) const RECORD: &str = "record";

/// Reads a stream in one strand, at most `limit` records: each as a part with the keys of its partition, and the
/// record under [`RECORD`].
///
/// # Errors
/// Whatever kept a page from being read.
#[cfg(feature = "manifest")]
pub(crate) async fn records(context: &Context, stream: usize, limit: Option<usize>) -> Result<Vec<Part>> {
    let Some(plan) = context.plan.streams.get(stream) else { return Ok(Vec::new()) };
    let mut walk = Walk::new(context, plan, Some(Take::Record(Arc::new(TakeWhole)))).await?;
    let limit = limit.unwrap_or(usize::MAX);
    let mut records = Vec::new();
    while records.len() < limit {
        let Some(page) = walk.next_page().await? else { break };
        records.extend(page.fed.into_iter().flatten());
        if let Some(failure) = page.failure.filter(|_| records.len() < limit) {
            return Err(failure);
        }
    }
    records.truncate(limit);
    Ok(records)
}

/// Takes all of a record.
#[cfg(feature = "manifest")]
struct TakeWhole;

#[cfg(feature = "manifest")]
impl crate::plan::TakePart for TakeWhole {
    fn take(&self, record: &serde_json::Value, parent: &Partition) -> Result<Option<Part>> {
        let extra = serde_json::Map::from_iter([(RECORD.to_owned(), record.clone())]);
        Ok(Some(Part { keys: parent.keys.clone(), extra }))
    }
}
