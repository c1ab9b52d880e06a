//! Says what a read waits for when nothing moves, and tells the platform that it is alive while it waits on purpose.
//!
//! The platform ends a source from which neither a record nor a state has come for long (3 hours, or what the
//! connector's metadata says); logs and statuses do not count. So a state is said again, as it was, while a wait is
//! known to end. Where nothing is known to end, the platform is not deceived.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Context;
use super::stream::Run;
use crate::http::{HttpClient, Pending};
use crate::output::Output;

/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(15);
/// Silence after which it says what is waited for; then after twice as long each time.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest between two reports.
const LONGEST: Duration = Duration::from_secs(3600);
/// Without a record or a state for so long, a state is said again.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(600);
/// So many waits are named.
const NAMED: usize = 5;

/// Looks after the runs of a read; never returns.
pub(super) async fn look_after(context: &Context, runs: &[Run]) {
    let mut watchdog = Watchdog::new(context);
    loop {
        sleep(INTERVAL).await;
        watchdog.look(context, runs);
    }
}

/// Prepares something that may have to ask the API before any stream begins, and says meanwhile what is waited for. There
/// is no state yet that could be said.
pub(crate) async fn watched<T>(client: &HttpClient, output: &Output, preparing: impl Future<Output = T>) -> T {
    tokio::select! {
        biased;
        prepared = preparing => prepared,
        never = watch(&client.pending, output) => match never {},
    }
}

async fn watch(pending: &Pending, output: &Output) -> Infallible {
    let mut silence = Silence::new(Movement::now(pending, output));
    loop {
        sleep(INTERVAL).await;
        if let Some(quiet) = silence.look(Movement::now(pending, output)) {
            report(pending, output, quiet, [], "no stream has begun yet");
        }
    }
}

struct Watchdog {
    silence: Silence,
    /// The last record or state, and how much had arrived then.
    sign_of_life: Instant,
    arrived: u64,
}

/// What changes when something moves.
#[derive(Clone, Copy, PartialEq)]
struct Movement {
    arrived: u64,
    /// Records and states that were queued for stdout.
    said: u64,
    /// Bytes that stdout has room for.
    room: usize,
}

impl Movement {
    fn now(pending: &Pending, output: &Output) -> Self {
        Self { arrived: pending.arrived(), said: output.said(), room: output.room() }
    }
}

/// Since when nothing has moved, and how long that may be before it is said.
struct Silence {
    seen: Movement,
    since: Instant,
    patience: Duration,
}

impl Silence {
    fn new(seen: Movement) -> Self {
        Self { seen, since: Instant::now(), patience: PATIENCE }
    }

    /// Takes note of what has moved. How long nothing has, if it is time to say so.
    fn look(&mut self, seen: Movement) -> Option<Duration> {
        let now = Instant::now();
        if seen != self.seen {
            (self.seen, self.since, self.patience) = (seen, now, PATIENCE);
        }
        let quiet = now - self.since;
        let is_long = quiet >= self.patience;
        if is_long {
            self.patience = (self.patience * 2).min(quiet + LONGEST);
        }
        is_long.then_some(quiet)
    }
}

impl Watchdog {
    fn new(context: &Context) -> Self {
        let seen = Movement::now(&context.client.pending, &context.output);
        Self { silence: Silence::new(seen), sign_of_life: Instant::now(), arrived: seen.arrived }
    }

    fn look(&mut self, context: &Context, runs: &[Run]) {
        let (pending, output) = (&context.client.pending, &context.output);
        let (before, seen, now) = (self.silence.seen, Movement::now(pending, output), Instant::now());
        let quiet = self.silence.look(seen);
        if seen.said != before.said {
            (self.sign_of_life, self.arrived) = (now, seen.arrived);
        }
        if let Some(quiet) = quiet {
            let open: Vec<String> = runs.iter().filter_map(Run::name_if_open).collect();
            let under_way = format!("streams under way: {}", open.join(", "));
            report(pending, output, quiet, runs.iter().flat_map(Run::waits_for), &under_way);
        }
        let is_alive = pending.waits() || seen.arrived != self.arrived;
        if now - self.sign_of_life >= HEARTBEAT && is_alive && !output.is_full() {
            // One stream's is enough for all.
            if runs.iter().any(|run| run.say_state_again(context)) {
                self.silence.seen.said = output.said();
            }
            (self.sign_of_life, self.arrived) = (now, seen.arrived);
        }
    }
}

/// Says what is waited for: as a warning, unless all of it ends by itself.
fn report(
    pending: &Pending,
    output: &Output,
    quiet: Duration,
    others: impl IntoIterator<Item = String>,
    under_way: &str,
) {
    let mut waits = pending.describe();
    let is_expected = pending.waits() && !output.is_full();
    if output.is_full() {
        waits.insert(0, "stdout, from which nobody reads".to_owned());
    }
    waits.extend(others);
    let more = waits.len().saturating_sub(NAMED);
    waits.truncate(NAMED);
    if more > 0 {
        waits.push(format!("{more} more"));
    }
    if waits.is_empty() {
        waits.push("nothing that is known".to_owned());
    }
    let (quiet, waits) = (quiet.as_secs(), waits.join("; "));
    match is_expected {
        true => tracing::info!("nothing has moved for {quiet} s; waiting for {waits}; {under_way}"),
        false => tracing::warn!("nothing has moved for {quiet} s; waiting for {waits}; {under_way}"),
    }
}
