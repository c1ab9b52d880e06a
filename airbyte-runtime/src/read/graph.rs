//! Which streams run, and which of them feed others with the records that are their partitions.
//!
//! A parent is read once for all of its children. If the parent is itself in the catalog and starts from the beginning,
//! that one read serves both; if it starts from a state, its children need the older records too, and a second,
//! silent read serves them.
//!
//! A stream that may have to wait (for the others of its group, or for those that it comes after) shares no parent with
//! others: what it keeps waiting would keep them waiting, too.

use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::Context;
use super::checkpoint::Checkpoint;
use super::files::Staging;
use super::ledger::Ledger;
use super::stream::{Failure, Feed, Run};
use super::turns::{Turn, Turns};
use super::waits::{Wait, Wiring};
use crate::error::{Error, ErrorKind, Result};
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
    let mut builder = Builder {
        runs: Vec::new(),
        apart: Vec::new(),
        feeder: vec![None; streams.len()],
        wiring: Wiring { streams: Vec::new(), parents: Vec::new(), after: Vec::new() },
    };
    context.backfill.require(catalog, streams)?;
    for configured in &catalog.streams {
        let (name, namespace) = (configured.name.as_str(), configured.namespace.as_deref());
        let Some(index) = streams.iter().rposition(|stream| !stream.hidden && stream.is(name, namespace)) else {
            failures.extend(absent_stream(context, name, namespace)?);
            continue;
        };
        let stream = &streams[index];
        let is_apart = stream.may_wait();
        if !context.backfill.is_none() {
            if let Some(past) = context.backfill.of(stream, configured)? {
                // It feeds nobody: children need the parents of all times.
                let checkpoint = Checkpoint::of_past(stream, past, state.get(name, namespace));
                builder.add(index, stream, Some(index), checkpoint, is_apart);
            }
            continue;
        }
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
            .map_err(|error| of_state(error, stream))?
            .with_foreign(given)
            .with_jobs(jobs);
        let run = builder.add(index, stream, Some(index), checkpoint, is_apart);
        if starts_fresh {
            builder.feeder[index] = Some(run);
        }
    }
    if builder.runs.is_empty() && failures.is_empty() && !catalog.streams.is_empty() {
        if !context.backfill.is_none() {
            return Err(Error::config("none of the catalog's streams has a cursor of dates, so no range can be read"));
        }
        return Err(Error::config("none of the catalog's streams exists in this source").with_detail(known(streams)));
    }
    builder.wire(streams)?;
    builder.follow(streams);
    let takes_turns = context.plan.concurrency.most == 1;
    if takes_turns || builder.has_waits() {
        let order = builder.wiring.order();
        builder.wait_in(&order);
        if takes_turns {
            builder.take_turns(&order);
        }
    }
    let staging = Staging::of_environment();
    for run in &mut builder.runs {
        run.configured = configured_schema(&run.stream, catalog).cloned();
        run.staging = brings_files(run, catalog).then(|| staging.clone());
    }
    Ok(Wired { runs: builder.runs, failures })
}

/// A state that cannot be read is for the user to mend, but a manifest's connector calls it what the Python CDK does.
fn of_state(error: Error, stream: &StreamPlan) -> Error {
    let error = error.within(format!("the state of stream `{}`", stream.name));
    if stream.conduct.mirrors_states { error.of_kind(ErrorKind::System) } else { error }
}

/// The schema that the user configured, for a stream that asks for what it has; a parent may be in the catalog, too.
fn configured_schema<'c>(stream: &StreamPlan, catalog: &'c ConfiguredCatalog) -> Option<&'c Value> {
    let Retriever::Http(retriever) = &stream.retriever else { return None };
    retriever.properties.as_ref().filter(|properties| properties.selector.is_some())?;
    let configured = catalog.streams.iter().find(|each| stream.is(&each.name, each.namespace.as_deref()));
    configured.map(|configured| &configured.json_schema)
}

/// Whether the files of a stream are wanted: a catalog that does not say it comes from a platform that wants them.
fn brings_files(run: &Run, catalog: &ConfiguredCatalog) -> bool {
    let stream = &run.stream;
    let configured = catalog.streams.iter().find(|each| stream.is(&each.name, each.namespace.as_deref()));
    let is_wanted = configured.is_some_and(|configured| configured.include_files != Some(false));
    run.emits.is_some() && stream.files.is_some() && is_wanted
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
    /// Whether a run shares no parent with others.
    apart: Vec<bool>,
    /// The run of each stream that its children are fed from.
    feeder: Vec<Option<usize>>,
    wiring: Wiring,
}

impl Builder {
    fn add(
        &mut self,
        index: usize,
        stream: &Arc<StreamPlan>,
        emits: Option<usize>,
        checkpoint: Checkpoint,
        is_apart: bool,
    ) -> usize {
        self.runs.push(Run::new(Arc::clone(stream), emits, checkpoint));
        self.apart.push(is_apart);
        self.wiring.streams.push(index);
        self.runs.len() - 1
    }

    /// Connects every run with its parents; a parent that no run serves yet becomes a silent run, which is wired in turn.
    fn wire(&mut self, streams: &[Arc<StreamPlan>]) -> Result<()> {
        let mut child = 0;
        while child < self.runs.len() {
            let Some(stream) = self.wiring.streams.get(child).and_then(|index| streams.get(*index)) else { break };
            for parent in stream.partitions.parents() {
                let is_apart = self.apart.get(child).copied().unwrap_or(false);
                let shared = self.feeder.get(parent.stream).copied().flatten();
                let feeder = match shared.filter(|_| !parent.incremental && !is_apart) {
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
                self.wiring.parents.push((child, feeder));
            }
            child += 1;
        }
        Ok(())
    }

    /// Notes which runs come after which. What is not in the catalog is not waited for.
    fn follow(&mut self, streams: &[Arc<StreamPlan>]) {
        for (later, stream) in self.wiring.streams.iter().enumerate() {
            let Some(plan) = streams.get(*stream) else { continue };
            let earlier = (0..self.runs.len()).filter(|earlier| {
                let is_read = self.runs.get(*earlier).is_some_and(|run| run.emits.is_some());
                is_read && self.wiring.streams.get(*earlier).is_some_and(|stream| plan.after.contains(stream))
            });
            self.wiring.after.extend(earlier.map(|earlier| (later, earlier)));
        }
    }

    fn has_waits(&self) -> bool {
        !self.wiring.after.is_empty() || self.runs.iter().any(|run| run.stream.group.is_some())
    }

    /// Makes each run wait for the runs before it that have its group, and for those that it comes after.
    fn wait_in(&mut self, order: &[usize]) {
        for (place, &later) in order.iter().enumerate() {
            let mut waits = Vec::new();
            for &earlier in order.iter().take(place) {
                let needs_success = self.wiring.after.contains(&(later, earlier));
                let (Some(run), Some(other)) = (self.runs.get(later), self.runs.get(earlier)) else { continue };
                let shares_group = run.stream.group.is_some() && run.stream.group == other.stream.group;
                // A parent ends only when its child has taken everything from it.
                if needs_success || (shares_group && !self.wiring.is_fed_by(later, earlier)) {
                    waits.push(Wait { end: Rc::clone(&other.ending), needs_success });
                }
            }
            if let Some(run) = self.runs.get_mut(later) {
                run.waits = waits;
            }
        }
    }

    /// Lets the runs send their requests in this order.
    fn take_turns(&mut self, order: &[usize]) {
        let turns = Turns::new(order.len());
        for (place, run) in order.iter().enumerate() {
            if let Some(run) = self.runs.get_mut(*run) {
                run.turn = turns.at(place);
            }
        }
        let mut fed = vec![0; self.runs.len()];
        for (child, parent) in &self.wiring.parents {
            let turn = self.runs.get(*child).map(|run| run.turn.clone()).unwrap_or_default();
            let (Some(parent_run), Some(at)) = (self.runs.get_mut(*parent), fed.get_mut(*parent)) else { continue };
            if let Some(feed) = parent_run.feeds.get_mut(*at) {
                feed.turn = turn;
            }
            *at += 1;
        }
    }

    /// A silent run of a parent: for all of its children, or for one that goes on from a state of its own.
    fn add_parent(&mut self, child: usize, parent: &ParentPlan, streams: &[Arc<StreamPlan>]) -> Result<usize> {
        let Some(stream) = streams.get(parent.stream) else {
            return Err(Error::system("a parent stream is missing from the plan"));
        };
        let is_apart = self.apart.get(child).copied().unwrap_or(false);
        let waits = is_apart || stream.may_wait();
        if !parent.incremental {
            let checkpoint = Checkpoint::resume(stream, None)?;
            let run = self.add(parent.stream, stream, None, checkpoint, waits);
            if let Some(feeder) = self.feeder.get_mut(parent.stream).filter(|_| !is_apart) {
                *feeder = Some(run);
            }
            return Ok(run);
        }
        let state = self.runs.get(child).and_then(|run| run.checkpoint.borrow().parent_state(stream));
        let checkpoint = Checkpoint::resume(stream, state.as_ref())
            .map_err(|error| error.within(format!("the state of parent stream `{}`", stream.name)))?;
        let run = self.add(parent.stream, stream, None, checkpoint, waits);
        let of_parent = self.runs.get(run).map(|run| Rc::clone(&run.checkpoint));
        if let (Some(child), Some(of_parent)) = (self.runs.get_mut(child), of_parent) {
            child.checkpoint.borrow_mut().set_parent_state(&stream.name, of_parent.borrow().current());
            child.parent_states.push((stream.name.clone(), of_parent));
        }
        Ok(run)
    }
}
