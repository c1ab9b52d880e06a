//! One stream: its partitions become slices, its slices are read side by side, each that ends moves the state.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::Context;
use super::checkpoint::{Checkpoint, Moment, OpenSlice};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{ParentKey, Partition, StreamPlan};
use crate::protocol::{ErrorTrace, Message, StreamDescriptor, StreamStatus};

/// Why a stream is incomplete.
#[derive(Clone)]
pub(super) struct Failure {
    pub(super) stream: String,
    pub(super) kind: ErrorKind,
    pub(super) message: String,
}

/// One read of one stream.
pub(super) struct Run {
    pub(super) stream: Arc<StreamPlan>,
    /// The stream's number for the writer's counts; `None` if the run only feeds children.
    pub(super) emits: Option<usize>,
    /// The children that are fed with this stream's records.
    pub(super) feeds: Vec<Feed>,
    /// Where the parents' records arrive.
    pub(super) parents: RefCell<Vec<mpsc::Receiver<Fed>>>,
    pub(super) checkpoint: RefCell<Checkpoint>,
    phase: Cell<Phase>,
    failures: Cell<u64>,
    first_failure: RefCell<Option<Failure>>,
    /// Bytes written since the last state, which decide whether the next one is due.
    pub(super) unsaved: Cell<usize>,
    pub(super) records: Cell<u64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Waiting,
    Started,
    Running,
    Ended,
}

/// A child to be fed.
pub(super) struct Feed {
    pub(super) keys: Vec<ParentKey>,
    pub(super) sender: mpsc::Sender<Fed>,
}

/// What a parent sends to a child.
pub(super) enum Fed {
    /// Records of one page: the values of the child's keys, and the partition that the records belong to.
    Page(Vec<Vec<Option<Value>>>, Arc<Partition>, Vec<ParentKey>),
    /// All records have been sent.
    End,
    /// The parent failed: some records are missing.
    Broken(Failure),
}

impl Run {
    pub(super) fn new(stream: Arc<StreamPlan>, emits: Option<usize>, checkpoint: Checkpoint) -> Self {
        Self {
            stream,
            emits,
            feeds: Vec::new(),
            parents: RefCell::default(),
            checkpoint: RefCell::new(checkpoint),
            phase: Cell::new(Phase::Waiting),
            failures: Cell::new(0),
            first_failure: RefCell::new(None),
            unsaved: Cell::new(0),
            records: Cell::new(0),
        }
    }

    pub(super) fn descriptor(&self) -> StreamDescriptor<'_> {
        StreamDescriptor { name: &self.stream.name, namespace: self.stream.namespace.as_deref() }
    }

    /// The first failure, if the stream failed and anybody selected it.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.emits?;
        self.first_failure.borrow().clone()
    }

    fn has_failed(&self) -> bool {
        self.first_failure.borrow().is_some()
    }

    fn status(&self, context: &Context, status: StreamStatus) -> Result<()> {
        match self.emits {
            Some(_) => context.output.message(Message::StreamStatus { stream: self.descriptor(), status }),
            None => Ok(()),
        }
    }

    /// Says RUNNING before the first record.
    pub(super) fn running(&self, context: &Context) -> Result<()> {
        if self.phase.get() == Phase::Started {
            self.phase.set(Phase::Running);
            self.status(context, StreamStatus::Running)?;
        }
        Ok(())
    }

    /// Says that the API limits the rate, until the next record says RUNNING again.
    pub(super) fn rate_limited(&self, context: &Context, wait: std::time::Duration) {
        let reset = crate::output::now_millis().saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        // That stdout was closed is noticed by the next record; a pause needs no answer.
        if self.status(context, StreamStatus::RateLimited { quota_reset_ms: Some(reset) }).is_ok()
            && self.phase.get() == Phase::Running
        {
            self.phase.set(Phase::Started);
        }
    }

    /// Traces a failure; the stream's other slices go on.
    fn fail(&self, context: &Context, error: &Error) -> Result<()> {
        if !self.has_failed() {
            *self.first_failure.borrow_mut() = Some(Failure {
                stream: self.stream.name.clone(),
                kind: error.kind(),
                message: error.message().to_owned(),
            });
            if self.emits.is_some() {
                context.output.message(Message::Error(ErrorTrace::new(error, Some(self.descriptor()))))?;
            }
        }
        self.failures.set(self.failures.get() + 1);
        let detail = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
        tracing::error!("stream `{}`: {}{detail}", self.stream.name, error.message());
        Ok(())
    }

    /// Failed slices in a row after which the rest of the stream is not asked for: an API that refuses them all would
    /// refuse the rest, and one that refused the user from the beginning knows its mind sooner.
    fn patience(&self) -> u64 {
        let refused = self.first_failure.borrow().as_ref().is_some_and(|failure| failure.kind == ErrorKind::Config);
        if refused && self.records.get() == 0 { 3 } else { 20 }
    }

    /// Emits the state if it says something new, or if it has to be said.
    fn save(&self, context: &Context, moment: Moment) -> Result<()> {
        let Some(index) = self.emits else { return Ok(()) };
        let due = self.checkpoint.borrow_mut().state(self.unsaved.get(), moment);
        if let Some(blob) = due {
            self.unsaved.set(0);
            context.output.state(index, self.descriptor(), blob)?;
        }
        Ok(())
    }

    /// Ends the stream: its last state, then its last status.
    fn end(&self, context: &Context, complete: bool) -> Result<()> {
        self.phase.set(Phase::Ended);
        self.save(context, if complete { Moment::Complete } else { Moment::Incomplete })?;
        self.status(context, if complete { StreamStatus::Complete } else { StreamStatus::Incomplete })?;
        if self.emits.is_some() {
            tracing::info!(
                "stream `{}`: {} records, {}",
                self.stream.name,
                self.records.get(),
                if complete { "complete" } else { "incomplete" }
            );
        }
        Ok(())
    }

    /// Ends a stream that was stopped on its way.
    pub(super) fn end_if_open(&self, context: &Context) -> Result<()> {
        match self.phase.get() {
            Phase::Ended | Phase::Waiting => Ok(()),
            Phase::Started | Phase::Running => self.end(context, false),
        }
    }
}

/// Reads a stream to its end. Its failure is kept in the run and does not stop the others.
pub(super) async fn read(context: &Context, run: &Run) {
    run.phase.set(Phase::Started);
    let read = async {
        run.status(context, StreamStatus::Started)?;
        if run.emits.is_some() {
            tracing::info!("stream `{}` starts", run.stream.name);
        }
        let slices = read_slices(context, run).await;
        if let Err(error) = &slices {
            run.fail(context, error)?;
        }
        let complete = !run.has_failed();
        for feed in &run.feeds {
            let last = run.first_failure.borrow().clone().map_or(Fed::End, Fed::Broken);
            // A child that gave up no longer listens.
            let _ = feed.sender.send(last).await;
        }
        run.end(context, complete)
    };
    if let Err(error) = read.await {
        // Only a closed stdout comes here; `stop` reports it.
        let failure =
            Failure { stream: run.stream.name.clone(), kind: error.kind(), message: error.message().to_owned() };
        run.first_failure.borrow_mut().get_or_insert(failure);
    }
}

/// Starts slices as long as there is room for them, and takes the results.
async fn read_slices(context: &Context, run: &Run) -> Result<()> {
    let limit = context.plan.concurrency;
    let mut source = SliceSource::new(context, run).await?;
    let mut in_flight = FuturesUnordered::new();
    let mut exhausted = false;
    loop {
        tokio::select! {
            biased;
            Some((slice, result)) = in_flight.next(), if !in_flight.is_empty() => {
                finish(context, run, slice, result)?;
            }
            next = source.next(), if !exhausted && in_flight.len() < limit => match next {
                Ok(Some(slice)) => in_flight.push(async move {
                    let result = super::slice::read(context, run, &slice).await;
                    (slice, result)
                }),
                Ok(None) => exhausted = true,
                // A parent failed; the slices that are known, and those of other parents, are still read.
                Err(error) => run.fail(context, &error)?,
            },
            else => return Ok(()),
        }
        let failures = run.failures.get();
        if failures >= run.patience() && !exhausted {
            return Err(Error::system(format!("given up after {failures} failed partitions in a row")));
        }
    }
}

fn finish(context: &Context, run: &Run, slice: OpenSlice, result: Result<super::slice::Newest>) -> Result<()> {
    match result {
        Ok(newest) => {
            run.failures.set(0);
            run.checkpoint.borrow_mut().close(slice, newest);
            run.save(context, Moment::Underway)
        }
        Err(error) if context.output.is_closed() => Err(error),
        Err(error) => {
            let place = slice.describe();
            run.checkpoint.borrow_mut().abandon(slice);
            let detail = error.detail().map_or_else(|| place.clone(), |detail| format!("{detail}; {place}"));
            run.fail(context, &Error::new(error.kind(), error.message()).with_detail(detail))
        }
    }
}

/// The slices of a stream, one after the other, made from its partitions as they become known.
struct SliceSource<'r> {
    run: &'r Run,
    context: &'r Context,
    ready: VecDeque<OpenSlice>,
    partitions: Partitions,
}

/// Where partitions come from.
enum Partitions {
    /// All are known.
    Known(std::vec::IntoIter<Partition>),
    /// The records of parents, times the combinations of the routers.
    Fed { parents: Vec<mpsc::Receiver<Fed>>, combinations: Vec<Map<String, Value>> },
}

impl<'r> SliceSource<'r> {
    async fn new(context: &'r Context, run: &'r Run) -> Result<Self> {
        let mut combinations = vec![Map::new()];
        for router in &run.stream.partitions.routers {
            let values = router.partitions(&context.plan.config).await?;
            combinations = combinations
                .iter()
                .flat_map(|combination| {
                    values.iter().map(|value| combination.clone().into_iter().chain(value.clone()).collect())
                })
                .collect();
        }
        let parents = run.parents.take();
        let partitions = if parents.is_empty() {
            Partitions::Known(
                combinations.into_iter().map(|keys| Partition::new(keys, Map::new())).collect::<Vec<_>>().into_iter(),
            )
        } else {
            Partitions::Fed { parents, combinations }
        };
        Ok(Self { run, context, ready: VecDeque::new(), partitions })
    }

    /// The next slice; `None` when there are no more. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Option<OpenSlice>> {
        loop {
            if let Some(slice) = self.ready.pop_front() {
                return Ok(Some(slice));
            }
            match &mut self.partitions {
                Partitions::Known(known) => match known.next() {
                    Some(partition) => self.open(partition),
                    None => return Ok(None),
                },
                Partitions::Fed { parents, combinations } => {
                    let Some(fed) = receive(parents).await? else { return Ok(None) };
                    let opened: Vec<Partition> = match fed {
                        Fed::End | Fed::Broken(_) => Vec::new(),
                        Fed::Page(records, parent, keys) => records
                            .into_iter()
                            .flat_map(|values| {
                                combinations
                                    .iter()
                                    .filter_map(|keys_of| child(&keys, &values, &parent, keys_of))
                                    .collect::<Vec<_>>()
                            })
                            .collect(),
                    };
                    for partition in opened {
                        self.open(partition);
                    }
                }
            }
        }
    }

    fn open(&mut self, partition: Partition) {
        self.ready.extend(self.run.checkpoint.borrow_mut().open(Arc::new(partition), self.context.now));
    }
}

/// What the next of several parents sends; `None` when all have ended. All are listened to at once: a parent that
/// feeds two children must not wait for the one that is listening to another parent.
async fn receive(parents: &mut Vec<mpsc::Receiver<Fed>>) -> Result<Option<Fed>> {
    if parents.is_empty() {
        return Ok(None);
    }
    let (fed, index) = {
        let (fed, index, _others) =
            futures_util::future::select_all(parents.iter_mut().map(|parent| Box::pin(parent.recv()))).await;
        (fed, index)
    };
    match fed {
        Some(page @ Fed::Page(..)) => return Ok(Some(page)),
        _ => drop(parents.swap_remove(index)),
    }
    match fed {
        // What can be done about it is the same as for the parent.
        Some(Fed::Broken(parent)) => Err(Error::new(
            parent.kind,
            format!(
                "the parent stream `{}` could not be read completely, so some partitions are missing",
                parent.stream
            ),
        )
        .with_detail(parent.message)),
        Some(fed) => Ok(Some(fed)),
        None => Err(Error::system("a parent stream ended without a word")),
    }
}

/// A child's partition; `None` if the parent's record lacks one of the values.
pub(super) fn child(
    keys: &[ParentKey],
    values: &[Option<Value>],
    parent: &Arc<Partition>,
    combination: &Map<String, Value>,
) -> Option<Partition> {
    let mut partition = combination.clone();
    let mut names = Map::new();
    for (key, value) in keys.iter().zip(values) {
        let value = match &key.path {
            Some(_) => value.clone().filter(|value| !value.is_null())?,
            None => parent.get(&key.name)?.clone(),
        };
        if key.path.is_some() {
            partition.insert(key.partition_key.clone(), value.clone());
        }
        names.insert(key.name.clone(), value);
    }
    partition.insert("parent_slice".to_owned(), Value::Object(parent.keys.clone()));
    Some(Partition::new(partition, names))
}
