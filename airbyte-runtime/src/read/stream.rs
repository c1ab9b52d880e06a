//! One stream: its partitions become slices, its slices are read side by side, each that ends moves the state.

use std::cell::{Cell, OnceCell, RefCell};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::mpsc;

use super::Context;
use super::checkpoint::{Checkpoint, Moment, OpenSlice};
use super::files::Staging;
use super::partitions::SliceSource;
use super::tolerated::Tolerated;
use super::turns::{Awaited, Turn};
use super::waits::{End, Wait, admit};
use super::watch::Watch;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::cursor::{Order, Position};
use crate::plan::memory::{Entry, MemoryPlan};
use crate::plan::slice::Part;
use crate::plan::{StreamPlan, Take, Value};
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
    /// The schema that the user configured for the stream, if it is in the catalog.
    pub(super) configured: Option<Value>,
    /// The children that are fed with this stream's records.
    pub(super) feeds: Vec<Feed>,
    /// Where the parents' records arrive.
    pub(super) parents: RefCell<Vec<mpsc::Receiver<Fed>>>,
    pub(super) checkpoint: Rc<RefCell<Checkpoint>>,
    /// The parents that go on from where they were, by the names under which the state keeps where that is.
    pub(super) parent_states: Vec<(String, Rc<RefCell<Checkpoint>>)>,
    /// When its requests are sent, if only one may be in flight.
    pub(super) turn: Turn,
    /// What holds the records against the schema, once the stream has started and if anybody reads them.
    pub(super) watch: OnceCell<Watch>,
    /// Where the files of its records are put, if they are brought along.
    pub(super) staging: Option<Staging>,
    /// What has to end before it begins.
    pub(super) waits: Vec<Wait>,
    /// Its own end, for those that wait for it.
    pub(super) ending: Rc<End>,
    /// Failures of partitions that may be tolerated.
    pub(super) tolerated: RefCell<Tolerated>,
    /// Whether a parent lacks records, so that some partitions are not known.
    pub(super) lacks_partitions: Cell<bool>,
    phase: Cell<Phase>,
    failures: Cell<u64>,
    first_failure: RefCell<Option<Failure>>,
    /// The end of the limit of which the platform was told, in milliseconds since 1970.
    limited_until: Cell<u64>,
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
    pub(super) take: Take,
    pub(super) sender: mpsc::Sender<Fed>,
    pub(super) turn: Turn,
}

impl Feed {
    /// Passes something on; waits while the child is behind. A child that gave up no longer listens.
    pub(super) async fn send(&self, own: &Turn, fed: Fed) {
        let sent = {
            let _pause = own.pause(Awaited::Children);
            self.sender.send(fed).await
        };
        if sent.is_ok() {
            self.turn.wake();
        }
    }
}

/// What a parent sends to a child.
pub(super) enum Fed {
    /// What the records of one page make of the child.
    Page(Vec<Part>),
    /// All records have been sent.
    End,
    /// All have been sent that could be read: those of partitions that may fail are missing.
    Lacking,
    /// The parent failed: some records are missing.
    Broken(Failure),
}

impl Run {
    pub(super) fn new(stream: Arc<StreamPlan>, emits: Option<usize>, checkpoint: Checkpoint) -> Self {
        Self {
            stream,
            emits,
            configured: None,
            feeds: Vec::new(),
            parents: RefCell::default(),
            checkpoint: Rc::new(RefCell::new(checkpoint)),
            parent_states: Vec::new(),
            turn: Turn::default(),
            watch: OnceCell::new(),
            staging: None,
            waits: Vec::new(),
            ending: Rc::default(),
            tolerated: RefCell::default(),
            lacks_partitions: Cell::new(false),
            phase: Cell::new(Phase::Waiting),
            failures: Cell::new(0),
            first_failure: RefCell::new(None),
            limited_until: Cell::new(0),
            unsaved: Cell::new(0),
            records: Cell::new(0),
        }
    }

    /// What the children take from each record.
    pub(super) fn takes(&self) -> Vec<Take> {
        self.feeds.iter().map(|feed| feed.take.clone()).collect()
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
        let is_said = reset.abs_diff(self.limited_until.replace(reset)) < wait.as_secs();
        if is_said && self.phase.get() != Phase::Running {
            // Many requests of the stream wait for the same: a thousandth of the wait makes no other limit.
            return;
        }
        // That stdout was closed is noticed by the next record; a pause needs no answer.
        if self.status(context, StreamStatus::RateLimited { quota_reset_ms: Some(reset) }).is_ok()
            && self.phase.get() == Phase::Running
        {
            self.phase.set(Phase::Started);
        }
    }

    /// Says the state as a sign of life, due or not; `false` if the stream is not under way.
    pub(super) fn say_state_again(&self, context: &Context) -> bool {
        let is_open = matches!(self.phase.get(), Phase::Started | Phase::Running);
        let Some(index) = self.emits.filter(|_| is_open) else { return false };
        let state = self.checkpoint.borrow_mut().underway();
        // That stdout was closed is noticed by the next record.
        context.output.state(index, self.descriptor(), state).is_ok()
    }

    /// What the stream waits for, besides requests.
    pub(super) fn waits_for(&self) -> impl Iterator<Item = String> {
        let name = &self.stream.name;
        let waits = [
            (Awaited::Ends, "the streams before"),
            (Awaited::Turn, "the turn of"),
            (Awaited::Children, "the children of"),
            (Awaited::Parents, "the parents of"),
        ];
        let waits = waits.into_iter().filter(|(awaited, _)| self.turn.awaits(*awaited));
        waits.map(move |(_, what)| format!("{what} `{name}`"))
    }

    /// The stream's name, if it is being read.
    pub(super) fn name_if_open(&self) -> Option<String> {
        let is_open = matches!(self.phase.get(), Phase::Started | Phase::Running);
        is_open.then(|| format!("`{}`", self.stream.name))
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
        let Some((at_first, later)) = self.stream.conduct.patience else { return u64::MAX };
        let first = self.first_failure.borrow().as_ref().map(|failure| failure.kind);
        let refused = first.or_else(|| self.tolerated.borrow().first()) == Some(ErrorKind::Config);
        if refused && self.records.get() == 0 { at_first } else { later }
    }

    /// Remembers records that were written.
    pub(super) fn remember(&self, entries: Vec<Entry>) {
        if !entries.is_empty() {
            self.checkpoint.borrow_mut().remember(entries);
        }
    }

    /// Takes over where the incremental parents are: only when all children of their records are read for certain.
    fn take_parent_states(&self) {
        for (name, parent) in &self.parent_states {
            let state = parent.borrow().current();
            self.checkpoint.borrow_mut().set_parent_state(name, state);
        }
    }

    /// Moves the state within a slice, if its records come in ascending order or are remembered.
    pub(super) fn advance(&self, context: &Context, slice: &OpenSlice, reached: Option<&Position>) -> Result<()> {
        let is_sorted = self.stream.cursor.as_ref().is_some_and(|cursor| cursor.order == Order::Ascending);
        match reached {
            Some(reached) if is_sorted && !slice.watch.is_broken() => {
                self.checkpoint.borrow_mut().advance(slice, reached);
                self.save(context, Moment::Underway)
            }
            _ if matches!(self.stream.memory, Some(MemoryPlan::Records(_))) => self.save(context, Moment::Underway),
            _ => Ok(()),
        }
    }

    /// Emits the state if it says something new, or if it has to be said.
    pub(super) fn save(&self, context: &Context, moment: Moment) -> Result<()> {
        let Some(index) = self.emits else { return Ok(()) };
        if moment == Moment::Complete {
            self.take_parent_states();
        }
        let due = self.checkpoint.borrow_mut().state(self.unsaved.get(), moment);
        if let Some(blob) = due {
            self.unsaved.set(0);
            context.output.state(index, self.descriptor(), blob)?;
        }
        Ok(())
    }

    /// Keeps the failure of a partition, of which it is not yet known whether it is one too many.
    fn tolerate(&self, slice: &OpenSlice, error: Error) {
        self.failures.set(self.failures.get() + 1);
        let detail = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
        tracing::warn!("stream `{}`: {}{detail}", self.stream.name, error.message());
        self.tolerated.borrow_mut().add(&slice.slice.partition.id, error);
    }

    /// Decides whether the partitions that failed are too many.
    fn settle_failures(&self, context: &Context) -> Result<()> {
        let Some(tolerance) = self.stream.tolerance else { return Ok(()) };
        let settled = self.tolerated.borrow_mut().settle(tolerance);
        match settled {
            Ok(None) => Ok(()),
            Ok(Some(warning)) => {
                tracing::warn!("stream `{}`: {warning}", self.stream.name);
                Ok(())
            }
            Err(error) => self.fail(context, &error),
        }
    }

    /// Whether nothing is missing, not even what may be: only then the state says that everything was read.
    fn is_whole(&self) -> bool {
        !self.has_failed() && self.tolerated.borrow().is_empty() && !self.lacks_partitions.get()
    }

    /// Ends the stream: its last state, and its last status. The platform takes them in either order.
    fn end(&self, context: &Context, complete: bool) -> Result<()> {
        self.phase.set(Phase::Ended);
        let moment = if complete && self.is_whole() { Moment::Complete } else { Moment::Incomplete };
        let status = if complete { StreamStatus::Complete } else { StreamStatus::Incomplete };
        if self.stream.conduct.mirrors_states {
            self.status(context, status)?;
            self.save(context, moment)?;
        } else {
            self.save(context, moment)?;
            self.status(context, status)?;
        }
        if self.emits.is_some() {
            if let Some(watch) = self.watch.get() {
                watch.report(&self.stream.name);
            }
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

/// Reads a stream to its end. Its failure, or its panic, is kept in the run and does not stop the others.
pub(super) async fn read(context: &Context, run: &Run) {
    let admitted = {
        let _pause = run.turn.pause(Awaited::Ends);
        admit(&run.waits).await
    };
    run.phase.set(Phase::Started);
    let outcome = AssertUnwindSafe(read_and_report(context, run, admitted)).catch_unwind().await;
    let result = match outcome {
        Ok(result) => result,
        // The panic itself has been reported by the hook.
        Err(_) => run.fail(context, &Error::system("the connector has a defect")),
    };
    // Parents must see that nobody listens, however early the read ended.
    run.parents.take();
    if run.is_whole() && run.emits.is_none() {
        // Nobody sees the state of a silent run but its child, which asks for it once it hears of the end.
        run.take_parent_states();
        run.checkpoint.borrow_mut().settle();
    }
    for feed in &run.feeds {
        let end = if run.is_whole() { Fed::End } else { Fed::Lacking };
        let last = run.first_failure.borrow().clone().map_or(end, Fed::Broken);
        feed.send(&run.turn, last).await;
    }
    if let Err(error) = result.and_then(|()| run.end(context, !run.has_failed())) {
        // Only a closed stdout comes here; `stop` reports it.
        let failure =
            Failure { stream: run.stream.name.clone(), kind: error.kind(), message: error.message().to_owned() };
        run.first_failure.borrow_mut().get_or_insert(failure);
    }
    // Those that come after it take up their work before the turns go on.
    run.ending.come(run.first_failure.borrow().clone());
    run.turn.end();
}

async fn read_and_report(context: &Context, run: &Run, admitted: Result<()>) -> Result<()> {
    run.status(context, StreamStatus::Started)?;
    if run.emits.is_some() {
        tracing::info!("stream `{}` starts", run.stream.name);
    }
    let read = async {
        admitted?;
        watch_and_read(context, run).await
    };
    match read.await {
        Ok(()) => run.settle_failures(context),
        Err(error) if !context.output.is_closed() => {
            // Why it was given up says more than that it was.
            let first = run.tolerated.borrow_mut().give_up();
            first.map_or(Ok(()), |first| run.fail(context, &first))?;
            run.fail(context, &error)
        }
        stopped => stopped,
    }
}

async fn watch_and_read(context: &Context, run: &Run) -> Result<()> {
    if run.emits.is_some() {
        let watch = Watch::new(&run.stream).await?;
        run.watch.get_or_init(|| watch);
    }
    read_slices(context, run).await
}

/// Starts slices as long as there is room for them, and takes the results.
async fn read_slices(context: &Context, run: &Run) -> Result<()> {
    let reader = &super::slice::Reader::new(context, run);
    let limit = reader.limit(context.plan.concurrency.most);
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
                    let result = super::slice::read(context, run, reader, &slice).await;
                    (slice, result)
                }),
                Ok(None) => {
                    exhausted = true;
                    reader.complete();
                }
                // A parent failed; the slices that are known, and those of other parents, are still read.
                Err(error) => run.fail(context, &error)?,
            },
            else => return Ok(()),
        }
        if let Some(refusal) = run.watch.get().and_then(Watch::take_refusal) {
            // What the other slices would bring is refused as well, whatever may fail besides.
            return run.fail(context, &refusal);
        }
        let failures = run.failures.get();
        if failures >= run.patience() && !exhausted {
            return Err(Error::system(format!("given up after {failures} failed partitions in a row")));
        }
    }
}

fn finish(context: &Context, run: &Run, slice: OpenSlice, result: Result<super::slice::Newest>) -> Result<()> {
    if run.watch.get().is_some_and(Watch::has_refused) {
        // The stream is over, and says why. It may be this slice's record, even if its function thinks nothing of it.
        return Ok(());
    }
    match result {
        Ok(newest) => {
            run.failures.set(0);
            run.checkpoint.borrow_mut().close(slice, newest);
            run.save(context, Moment::Underway)
        }
        Err(error) if context.output.is_closed() => Err(error),
        Err(error) => {
            let place = slice.describe();
            let tolerated = run.stream.tolerance.is_some();
            let detail = error.detail().map_or_else(|| place.clone(), |detail| format!("{detail}; {place}"));
            let error = Error::new(error.kind(), error.message()).with_detail(detail);
            if tolerated {
                run.tolerate(&slice, error);
                run.checkpoint.borrow_mut().abandon(slice);
                return Ok(());
            }
            run.checkpoint.borrow_mut().abandon(slice);
            run.fail(context, &error)
        }
    }
}
