//! The read engine: stream → partition → window → page → records → state.
//!
//! Everything runs in one task on one thread, as futures that wait side by side: a stream for its slices, a slice for
//! its pages. Dropping the whole cancels it. What bounds it: requests in flight, slices in flight, bytes queued.
//!
//! Read on in [`graph`], [`stream`], [`partitions`], [`slice`], [`course`] and [`page`]; the states are in [`checkpoint`].

mod ahead;
mod backfill;
mod checkpoint;
mod chunks;
mod course;
mod files;
mod function;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod graph;
mod jobs;
mod join;
mod ledger;
mod long;
mod order;
mod page;
mod partitions;
mod probe;
mod records;
mod slice;
mod stream;
mod tolerated;
mod trace;
mod turns;
mod waits;
mod watch;
mod watchdog;
mod worker;

use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::error::{Error, Result};
use crate::http::{Gate, HttpClient};
use crate::output::Output;
use crate::plan::Plan;
use crate::protocol::{ConfiguredCatalog, StateInput};
use crate::time::Moment;

pub(crate) use backfill::Backfill;
#[cfg(feature = "manifest")]
pub(crate) use probe::{RECORD, records};
pub(crate) use probe::{first_record, parts, values};
pub(crate) use watchdog::watched;

/// How long a token service may take to answer once nothing else is waited for, and how long when the read was stopped.
const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_OF_THE_STOPPED: Duration = Duration::from_secs(5);

/// What every part of a read needs.
pub(crate) struct Context {
    pub(crate) plan: Plan,
    pub(crate) client: HttpClient,
    pub(crate) output: Output,
    /// The bound on requests in flight and on pages in memory, shared by all streams.
    pub(crate) gate: Gate,
    /// The jobs that the API was asked to begin, until their records are read.
    jobs: jobs::Running,
    /// The ranges of the past that are read in place of what is new, if any are.
    pub(crate) backfill: Backfill,
    /// When the read began: the end of every range that has no end of its own.
    pub(crate) now: Moment,
}

impl Context {
    pub(crate) fn new(plan: Plan, client: HttpClient, output: Output) -> Self {
        let gate = Gate::new(plan.concurrency);
        let (jobs, backfill) = (jobs::Running::default(), Backfill::default());
        Self { plan, client, output, gate, jobs, backfill, now: Moment::now() }
    }

    /// Reads ranges of the past only, and leaves the states as they are.
    pub(crate) fn reading(self, backfill: Backfill) -> Self {
        Self { backfill, ..self }
    }
}

/// Reads the streams of a catalog until they end, or until `stop` does.
///
/// # Errors
/// A stopped read, a catalog without a known stream, and any failed stream; each failed stream has been traced before.
pub(crate) async fn read(
    context: Rc<Context>,
    catalog: &ConfiguredCatalog,
    state: &StateInput,
    stop: impl Future<Output = Error>,
) -> Result<()> {
    let graph::Wired { runs, failures } = graph::runs(&context, catalog, state)?;
    let reading = async {
        let mut streams: FuturesUnordered<_> = runs.iter().map(|run| stream::read(&context, run)).collect();
        while streams.next().await.is_some() {}
    };
    let stopped = tokio::select! {
        biased;
        () = reading => None,
        error = stop => Some(error),
        // It never ends.
        () = watchdog::look_after(&context, &runs) => None,
    };
    // On a stop, what was in flight has been dropped; what was finished is in the states.
    for run in &runs {
        run.end_if_open(&context)?;
    }
    jobs::abort_running(&context).await;
    // What was dropped may have begun to exchange a refresh token for one that nobody else will ever be told.
    let patience = if stopped.is_some() { PATIENCE_OF_THE_STOPPED } else { PATIENCE };
    if tokio::time::timeout(patience, context.client.exchange.lock()).await.is_err() {
        tracing::warn!("new tokens did not come in time; if the refresh token can be used once, log in again");
    }
    match stopped {
        Some(error) => Err(error),
        None => summary(&runs, failures),
    }
}

/// One error that lists the failed streams; its kind is that of the first, which decides whether a sync is tried again.
fn summary(runs: &[stream::Run], mut failures: Vec<stream::Failure>) -> Result<()> {
    failures.extend(runs.iter().filter_map(stream::Run::failure));
    let Some(first) = failures.first() else { return Ok(()) };
    let reasons: Vec<String> =
        failures.iter().map(|failure| format!("`{}`: {}", failure.stream, failure.message)).collect();
    let kind = runs.iter().find_map(|run| run.stream.conduct.summary).unwrap_or(first.kind);
    Err(Error::new(kind, format!("these streams did not sync successfully: {}", reasons.join("; "))))
}
