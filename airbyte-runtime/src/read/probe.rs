//! A plan read in one strand, no request sent before its answer is wanted: for `check`, and for what a plan itself is
//! made of, such as the components of dynamic streams.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;

use super::Context;
use super::checkpoint::{Checkpoint, OpenSlice, Slices};
use super::course::Course;
use super::jobs::{Done, Driver};
use super::join::Join;
use super::page::PageReader;
use super::records::Scanned;
use super::slice::{Pages, Step, endless};
use crate::error::{Error, Result};
use crate::json::JsonPath;
use crate::placeholder::as_text;
use crate::plan::job::JobRetriever;
use crate::plan::slice::Part;
use crate::plan::{ParentKey, Partition, Retriever, StreamPlan, Take};

/// Whether the stream can be read: asks for page after page of its first slice until the first record.
///
/// # Errors
/// Whatever kept a page from being read, and a stream without any partition.
pub(crate) async fn first_record(context: &Context, stream: usize) -> Result<()> {
    let Some(plan) = context.plan.streams.get(stream) else { return Ok(()) };
    let mut walk = Walk::new(context, plan, None).await?;
    if let Retriever::Function(function) = &plan.retriever {
        return match walk.slices.next().await? {
            Some(slice) => super::function::check(context, &**function, &slice).await,
            None => found_no_slice(plan),
        };
    }
    if let Retriever::Jobs(jobs) = &plan.retriever {
        return match walk.slices.next().await? {
            Some(slice) => super::jobs::check(context, plan, jobs, &slice).await,
            None => found_no_slice(plan),
        };
    }
    loop {
        match walk.next_page().await? {
            // That a first slice without records can be read is answer enough.
            Some(page) if page.raw_records > 0 || walk.open.is_none() => return Ok(()),
            Some(_) => {}
            None if walk.has_read => return Ok(()),
            None => return found_no_slice(plan),
        }
    }
}

fn found_no_slice(plan: &StreamPlan) -> Result<()> {
    if !plan.conduct.needs_a_partition {
        // A list that the user left empty, or a parent without records, is no mistake.
        return Ok(());
    }
    Err(Error::system(format!("stream `{}` has no partitions, so nothing of it can be read", plan.name))
        .with_detail("its parent streams have no records, or the list that names its partitions is empty"))
}

/// The parts that a stream is read in; its parents are read for them.
///
/// # Errors
/// Whatever kept a router from saying them, or a page of a parent from being read.
pub(crate) async fn parts(context: &Context, stream: usize) -> Result<Vec<Part>> {
    let Some(plan) = context.plan.streams.get(stream) else { return Ok(Vec::new()) };
    let mut walk = Walk::new(context, plan, None).await?;
    let mut parts = Vec::new();
    while let Some(part) = walk.slices.next_part().await? {
        parts.push(part);
    }
    Ok(parts)
}

/// The key under which [`records`] hands over a record.
#[cfg(feature = "manifest")]
pub(crate) const RECORD: &str = "record";

/// Reads at most `limit` records of a stream, or of one `part` of it: each as a part with the keys of its partition, and
/// the record under [`RECORD`].
///
/// # Errors
/// Whatever kept a page from being read.
#[cfg(feature = "manifest")]
pub(crate) async fn records(
    context: &Context,
    stream: usize,
    part: Option<Part>,
    limit: Option<usize>,
) -> Result<Vec<Part>> {
    let Some(plan) = context.plan.streams.get(stream) else { return Ok(Vec::new()) };
    let mut walk = Walk::new(context, plan, Some(Take::Record(Arc::new(TakeWhole)))).await?;
    if let Some(part) = part {
        walk.slices.parts = VecDeque::from([part]);
    }
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

/// The texts that the records of a stream hold at a path; other values count as the text that JSON writes for them.
///
/// # Errors
/// Whatever kept a page from being read.
pub(super) async fn texts(context: &Context, stream: &Arc<StreamPlan>, path: &JsonPath) -> Result<Vec<String>> {
    let records = values(context, stream, std::slice::from_ref(path)).await?;
    let texts = records.into_iter().filter_map(|values| values.into_iter().next());
    Ok(texts.filter(|value| !value.is_null()).map(|value| as_text(&value).into_owned()).collect())
}

/// The values that the records of a stream hold at these paths, `null` where there is none.
///
/// # Errors
/// Whatever kept a page from being read.
pub(crate) async fn values(
    context: &Context,
    stream: &Arc<StreamPlan>,
    paths: &[JsonPath],
) -> Result<Vec<Vec<serde_json::Value>>> {
    let key = |(number, path): (usize, &JsonPath)| ParentKey {
        name: number.to_string(),
        partition_key: None,
        path: Some(path.clone()),
    };
    let keys = paths.iter().enumerate().map(key).collect();
    let mut walk = Walk::new(context, stream, Some(Take::Keys(keys))).await?;
    let mut records = Vec::new();
    while let Some(page) = walk.next_page().await? {
        let values = |mut part: Part| {
            (0..paths.len()).map(|number| part.extra.remove(&number.to_string()).unwrap_or_default()).collect()
        };
        records.extend(page.fed.into_iter().flatten().map(values));
        if let Some(failure) = page.failure {
            return Err(failure);
        }
    }
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

/// The pages of a stream, one after the other.
struct Walk<'c> {
    context: &'c Context,
    plan: &'c Arc<StreamPlan>,
    reader: Option<PageReader<'c>>,
    slices: SliceWalk<'c>,
    /// The slice that is being read, and the way to its next page.
    open: Option<(OpenSlice, Course<'c>)>,
    /// The slice whose job is done, and what of it has not been read.
    job: Option<(OpenSlice, Done)>,
    has_read: bool,
}

/// The slices of a stream, for which pages of its parents are read as they are needed.
struct SliceWalk<'c> {
    context: &'c Context,
    checkpoint: Checkpoint,
    join: Join,
    /// Partitions that are known, and have no slices yet.
    parts: VecDeque<Part>,
    /// Parts of the first parent that have not been combined with others.
    arrived: VecDeque<Part>,
    /// The parents that have not been read to their end, with their numbers.
    parents: VecDeque<(usize, Walk<'c>)>,
    slices: Option<Slices>,
    ready: VecDeque<OpenSlice>,
    /// How many partitions, and slices, have to be known besides the next one before that is handed out: the Python
    /// CDK looks so far ahead, and what it asks for then may be what fails.
    partitions_ahead: usize,
    slices_ahead: usize,
}

impl<'c> Walk<'c> {
    /// A walk through a stream, for a child if it has something to `take` from the records.
    fn new(
        context: &'c Context,
        plan: &'c Arc<StreamPlan>,
        take: Option<Take>,
    ) -> LocalBoxFuture<'c, Result<Walk<'c>>> {
        Box::pin(async move {
            plan.require_sound()?;
            let (join, parts) = Join::new(&plan.partitions, &context.plan.config).await?;
            let mut parents = VecDeque::new();
            for (number, parent) in plan.partitions.parents().into_iter().enumerate() {
                let Some(stream) = context.plan.streams.get(parent.stream) else {
                    return Err(Error::system("a parent stream is missing from the plan"));
                };
                parents.push_back((number, Walk::new(context, stream, Some(parent.take.clone())).await?));
            }
            let looks_ahead = plan.conduct.looks_ahead;
            let has_cursor = plan.cursor.is_some() && plan.is_partitioned();
            let slices = SliceWalk {
                context,
                checkpoint: Checkpoint::resume(plan, None)?,
                join,
                parts: parts.into(),
                arrived: VecDeque::new(),
                partitions_ahead: usize::from(looks_ahead)
                    * (usize::from(!parents.is_empty()) + usize::from(has_cursor)),
                slices_ahead: usize::from(looks_ahead && take.is_some()),
                parents,
                slices: None,
                ready: VecDeque::new(),
            };
            let looks_for_one = take.is_none();
            let takes = take.into_iter().collect();
            let reader = plan.retriever.pages().map(|retriever| {
                let reader = PageReader::new(&context.client, plan, retriever, takes, false, None, None);
                if looks_for_one { reader.first_only() } else { reader }
            });
            Ok(Walk { context, plan, reader, slices, open: None, job: None, has_read: false })
        })
    }

    /// The next page; `None` at the end of the stream.
    async fn next_page(&mut self) -> Result<Option<Scanned>> {
        let plan: &'c StreamPlan = self.plan;
        let Some(retriever) = plan.retriever.pages() else { return Ok(None) };
        let (slice, mut course) = match self.open.take() {
            Some(open) => open,
            None => {
                let Some(slice) = self.next_slice().await? else { return Ok(None) };
                self.has_read = true;
                (slice, Course::new(plan, retriever, true))
            }
        };
        let Some(reader) = &self.reader else { return Ok(None) };
        let fetched = loop {
            match Pages::new(self.context, reader, &slice)?.fetch(&course, &|_| ()).await? {
                Step::Page(fetched) => break fetched,
                Step::Detour(detour) => match course.take(&detour, &slice)? {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => return Ok(Some(Scanned::default())),
                },
            }
        };
        if fetched.next.is_some() && course.closes(&fetched.scanned) {
            return Err(endless(fetched.next.as_ref()));
        }
        if course.go_on(&fetched.scanned, fetched.next, &slice)? {
            self.open = Some((slice, course));
        }
        Ok(Some(fetched.scanned))
    }

    /// The next slice whose pages can be asked for; one that a job makes ready is waited for.
    async fn next_slice(&mut self) -> Result<Option<OpenSlice>> {
        let Retriever::Jobs(jobs) = &self.plan.retriever else { return self.slices.next().await };
        fn driver<'d>(walk: &Walk<'d>, jobs: &'d JobRetriever, open: &'d OpenSlice) -> Driver<'d> {
            Driver { context: walk.context, stream: walk.plan, jobs, open, listener: &super::jobs::Nobody }
        }
        loop {
            if let Some((open, mut done)) = self.job.take() {
                if !done.downloads.is_empty() {
                    let download = done.downloads.remove(0);
                    self.job = Some((open, done));
                    return Ok(Some(download));
                }
                driver(self, jobs, &open).delete(&done).await;
            }
            let Some(open) = self.slices.next().await? else { return Ok(None) };
            let done = driver(self, jobs, &open).finish(None).await?;
            self.job = done.map(|done| (open, done));
        }
    }
}

impl SliceWalk<'_> {
    /// The next slice; a walk calls itself for its parents, as deep as the plan is.
    fn next(&mut self) -> LocalBoxFuture<'_, Result<Option<OpenSlice>>> {
        Box::pin(async move {
            while self.ready.len() <= self.slices_ahead {
                match self.slices.as_mut().and_then(Iterator::next) {
                    Some(slice) => self.ready.push_back(slice),
                    None => match self.next_part().await? {
                        Some(part) => {
                            let partition = Arc::new(Partition::new(part));
                            self.slices = Some(self.checkpoint.open(partition, self.context.now));
                        }
                        None => break,
                    },
                }
            }
            Ok(self.ready.pop_front())
        })
    }

    async fn next_part(&mut self) -> Result<Option<Part>> {
        while self.parts.len() <= self.partitions_ahead {
            let Some((number, parent)) = self.parents.front_mut() else {
                self.parts.extend(self.join.finish());
                break;
            };
            if let Some(part) = self.arrived.pop_front() {
                self.parts.extend(self.join.arrive(*number, part));
                continue;
            }
            match parent.next_page().await? {
                Some(page) => {
                    self.arrived.extend(page.fed.into_iter().flatten());
                    if let Some(failure) = page.failure {
                        return Err(failure);
                    }
                }
                None => drop(self.parents.pop_front()),
            }
        }
        Ok(self.parts.pop_front())
    }
}
