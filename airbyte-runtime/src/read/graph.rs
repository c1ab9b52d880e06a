//! Which streams run, and which of them feed others with the records that are their partitions.
//!
//! A parent is read once for all of its children. If the parent is itself in the catalog and starts from the beginning,
//! that one read serves both; if it starts from a state, its children need the older records too, and a second,
//! silent read serves them.

use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::Context;
use super::checkpoint::Checkpoint;
use super::ledger::Ledger;
use super::stream::{Failure, Feed, Run};
use super::turns::{Turn, Turns};
use crate::error::{Error, Result};
use crate::plan::memory::MemoryPlan;
use crate::plan::{ParentPlan, Retriever, StreamPlan, Value};
use crate::protocol::{ConfiguredCatalog, ErrorTrace, Message, StateInput, StreamDescriptor, StreamStatus};

/// Pages of parent records that may wait for a child.
const FEED_PAGES: usize = 4;

/// The streams to run, wired to each other.
///
/// # Errors
/// A state that cannot be read, and a catalog in which no stream is known, are config errors.
pub(super) fn runs(context: &Context, catalog: &ConfiguredCatalog, state: &StateInput) -> Result<Wired> {
    let streams = &context.plan.streams;
    let mut failures = Vec::new();
    if streams.is_empty() && context.plan.left_out.is_empty() {
        tracing::warn!("the source has no streams, so there is nothing to read");
        return Ok(Wired { runs: Vec::new(), failures });
    }
    let mut builder =
        Builder { runs: Vec::new(), of_run: Vec::new(), feeder: vec![None; streams.len()], parents: Vec::new() };
    for configured in &catalog.streams {
        let (name, namespace) = (configured.name.as_str(), configured.namespace.as_deref());
        let Some(index) = streams.iter().rposition(|stream| !stream.hidden && stream.is(name, namespace)) else {
            failures.extend(absent_stream(context, name, namespace)?);
            continue;
        };
        let stream = &streams[index];
        let given = state.get(name, namespace).filter(|_| !stream.forgets_state);
        let (given, jobs) = given.map(Ledger::take).unwrap_or_default();
        let given = given.as_deref();
        let migrated = given.zip(stream.migrate_state.as_ref()).and_then(|(given, migration)| migration.migrate(given));
        let given = migrated.as_ref().or(given);
        let state = given.and_then(crate::protocol::without_sentinels);
        // Only a stream without a cursor can have been finished; any other goes on from its cursor.
        let finished =
            given.filter(|state| !stream.is_incremental() && crate::protocol::is_full_refresh_complete(state));
        // What a stream that remembers records does not write is passed on to its children all the same.
        let skips = stream.cursor.is_some() || matches!(stream.memory, Some(MemoryPlan::Partitions));
        let starts_fresh = finished.is_none() && (state.is_none() || !skips);
        let checkpoint = Checkpoint::resume(stream, finished.or(state.as_deref()))
            .map_err(|error| error.within(format!("the state of stream `{name}`")))?
            .with_jobs(jobs);
        let run = builder.add(index, stream, Some(index), checkpoint);
        if starts_fresh {
            builder.feeder[index] = Some(run);
        }
    }
    if builder.runs.is_empty() && failures.is_empty() && !catalog.streams.is_empty() {
        return Err(Error::config("none of the catalog's streams exists in this source").with_detail(known(streams)));
    }
    builder.wire(streams)?;
    if context.plan.concurrency == 1 {
        builder.take_turns();
    }
    for run in &mut builder.runs {
        run.configured = configured_schema(&run.stream, catalog).cloned();
    }
    Ok(Wired { runs: builder.runs, failures })
}

/// The schema that the user configured, for a stream that asks for what it has; a parent may be in the catalog, too.
fn configured_schema<'c>(stream: &StreamPlan, catalog: &'c ConfiguredCatalog) -> Option<&'c Value> {
    let Retriever::Http(retriever) = &stream.retriever else { return None };
    retriever.properties.as_ref().filter(|properties| properties.selector.is_some())?;
    let configured = catalog.streams.iter().find(|each| stream.is(&each.name, each.namespace.as_deref()));
    configured.map(|configured| &configured.json_schema)
}

/// The runs of a read, and the streams that were asked for and cannot run.
pub(super) struct Wired {
    pub(super) runs: Vec<Run>,
    pub(super) failures: Vec<Failure>,
}

/// A stream that the source no longer has, or that cannot run here, is incomplete; the others go on.
fn absent_stream(context: &Context, name: &str, namespace: Option<&str>) -> Result<Option<Failure>> {
    let stream = StreamDescriptor { name, namespace };
    let left_out = context.plan.left_out.iter().find(|(left_out, _)| left_out == name && namespace.is_none());
    if let Some((_, error)) = left_out {
        context.output.message(Message::Error(ErrorTrace::new(error, Some(stream))))?;
        context.output.message(Message::StreamStatus { stream, status: StreamStatus::Incomplete })?;
        let (kind, message) = (error.kind(), error.message().to_owned());
        return Ok(Some(Failure { stream: name.to_owned(), kind, message }));
    }
    tracing::warn!(
        "stream `{name}` is in the catalog but not in this source, and is not read; {}",
        known(&context.plan.streams)
    );
    context.output.message(Message::StreamStatus { stream, status: StreamStatus::Incomplete })?;
    Ok(None)
}

fn known(streams: &[Arc<StreamPlan>]) -> String {
    let names: Vec<String> =
        streams.iter().filter(|stream| !stream.hidden).map(|stream| format!("`{}`", stream.name)).collect();
    format!("the source has {}", names.join(", "))
}

struct Builder {
    runs: Vec<Run>,
    /// The stream of each run.
    of_run: Vec<usize>,
    /// The run of each stream that its children are fed from.
    feeder: Vec<Option<usize>>,
    /// Each child with each of its parents.
    parents: Vec<(usize, usize)>,
}

impl Builder {
    fn add(&mut self, index: usize, stream: &Arc<StreamPlan>, emits: Option<usize>, checkpoint: Checkpoint) -> usize {
        self.runs.push(Run::new(Arc::clone(stream), emits, checkpoint));
        self.of_run.push(index);
        self.runs.len() - 1
    }

    /// Connects every run with its parents; a parent that no run serves yet becomes a silent run, which is wired in turn.
    fn wire(&mut self, streams: &[Arc<StreamPlan>]) -> Result<()> {
        let mut child = 0;
        while child < self.runs.len() {
            let Some(stream) = self.of_run.get(child).and_then(|index| streams.get(*index)) else { break };
            for parent in stream.partitions.parents() {
                let feeder = match self.feeder.get(parent.stream).copied().flatten().filter(|_| !parent.incremental) {
                    Some(run) => run,
                    None => self.add_parent(child, parent, streams)?,
                };
                let (sender, receiver) = mpsc::channel(FEED_PAGES);
                if let Some(run) = self.runs.get_mut(feeder) {
                    run.feeds.push(Feed { take: parent.take.clone(), sender, turn: Turn::default() });
                }
                if let Some(run) = self.runs.get_mut(child) {
                    run.parents.borrow_mut().push(receiver);
                }
                self.parents.push((child, feeder));
            }
            child += 1;
        }
        Ok(())
    }

    /// Puts the runs in the order of the catalog, each behind its parents.
    fn take_turns(&mut self) {
        let mut order = Vec::with_capacity(self.runs.len());
        for run in 0..self.runs.len() {
            self.queue_up(run, &mut order);
        }
        let turns = Turns::new(order.len());
        for (place, run) in order.iter().enumerate() {
            if let Some(run) = self.runs.get_mut(*run) {
                run.turn = turns.at(place);
            }
        }
        let mut fed = vec![0; self.runs.len()];
        for (child, parent) in &self.parents {
            let turn = self.runs.get(*child).map(|run| run.turn.clone()).unwrap_or_default();
            let (Some(parent_run), Some(at)) = (self.runs.get_mut(*parent), fed.get_mut(*parent)) else { continue };
            if let Some(feed) = parent_run.feeds.get_mut(*at) {
                feed.turn = turn;
            }
            *at += 1;
        }
    }

    fn queue_up(&self, run: usize, order: &mut Vec<usize>) {
        if order.contains(&run) {
            return;
        }
        for (_, parent) in self.parents.iter().filter(|(child, _)| *child == run) {
            self.queue_up(*parent, order);
        }
        order.push(run);
    }

    /// A silent run of a parent: for all of its children, or for one that goes on from a state of its own.
    fn add_parent(&mut self, child: usize, parent: &ParentPlan, streams: &[Arc<StreamPlan>]) -> Result<usize> {
        let Some(stream) = streams.get(parent.stream) else {
            return Err(Error::system("a parent stream is missing from the plan"));
        };
        if !parent.incremental {
            let run = self.add(parent.stream, stream, None, Checkpoint::resume(stream, None)?);
            if let Some(feeder) = self.feeder.get_mut(parent.stream) {
                *feeder = Some(run);
            }
            return Ok(run);
        }
        let state = self.runs.get(child).and_then(|run| run.checkpoint.borrow().parent_state(stream));
        let checkpoint = Checkpoint::resume(stream, state.as_ref())
            .map_err(|error| error.within(format!("the state of parent stream `{}`", stream.name)))?;
        let run = self.add(parent.stream, stream, None, checkpoint);
        let of_parent = self.runs.get(run).map(|run| Rc::clone(&run.checkpoint));
        if let (Some(child), Some(of_parent)) = (self.runs.get_mut(child), of_parent) {
            child.checkpoint.borrow_mut().set_parent_state(&stream.name, of_parent.borrow().current());
            child.parent_states.push((stream.name.clone(), of_parent));
        }
        Ok(run)
    }
}
