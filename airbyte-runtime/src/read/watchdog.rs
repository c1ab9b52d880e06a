//! Says what a read waits for when nothing moves, and tells the platform that it is alive while it waits on purpose.
//!
//! The platform ends a source from which neither a record nor a state has come for long (3 hours, or what the
//! connector's metadata says); logs and statuses do not count. So a state is said again, as it was, while a wait is
//! known to end. Where nothing is known to end, the platform is not deceived.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Context;
use super::stream::Run;

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

struct Watchdog {
    seen: Movement,
    /// Since when nothing has moved, and how long that may be before it is said.
    quiet_since: Instant,
    patience: Duration,
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
    fn now(context: &Context) -> Self {
        let output = &context.output;
        Self { arrived: context.client.pending.arrived(), said: output.said(), room: output.room() }
    }
}

impl Watchdog {
    fn new(context: &Context) -> Self {
        let (seen, now) = (Movement::now(context), Instant::now());
        Self { seen, quiet_since: now, patience: PATIENCE, sign_of_life: now, arrived: seen.arrived }
    }

    fn look(&mut self, context: &Context, runs: &[Run]) {
        let (before, now) = (self.seen, Instant::now());
        self.seen = Movement::now(context);
        if self.seen != before {
            (self.quiet_since, self.patience) = (now, PATIENCE);
        }
        if self.seen.said != before.said {
            (self.sign_of_life, self.arrived) = (now, self.seen.arrived);
        }
        let quiet = now - self.quiet_since;
        if quiet >= self.patience {
            self.patience = (self.patience * 2).min(quiet + LONGEST);
            report(context, runs, quiet);
        }
        let is_alive = context.client.pending.waits() || self.seen.arrived != self.arrived;
        if now - self.sign_of_life >= HEARTBEAT && is_alive && !context.output.is_full() {
            // One stream's is enough for all.
            if runs.iter().any(|run| run.say_state_again(context)) {
                self.seen.said = context.output.said();
            }
            (self.sign_of_life, self.arrived) = (now, self.seen.arrived);
        }
    }
}

/// Says what is waited for: as a warning, unless all of it ends by itself.
fn report(context: &Context, runs: &[Run], quiet: Duration) {
    let mut waits = context.client.pending.describe();
    let is_expected = context.client.pending.waits() && !context.output.is_full();
    if context.output.is_full() {
        waits.insert(0, "stdout, from which nobody reads".to_owned());
    }
    waits.extend(runs.iter().flat_map(Run::waits_for));
    let more = waits.len().saturating_sub(NAMED);
    waits.truncate(NAMED);
    if more > 0 {
        waits.push(format!("{more} more"));
    }
    if waits.is_empty() {
        waits.push("nothing that is known".to_owned());
    }
    let (quiet, waits) = (quiet.as_secs(), waits.join("; "));
    let open: Vec<String> = runs.iter().filter_map(Run::name_if_open).collect();
    let open = open.join(", ");
    match is_expected {
        true => tracing::info!("nothing has moved for {quiet} s; waiting for {waits}; streams under way: {open}"),
        false => tracing::warn!("nothing has moved for {quiet} s; waiting for {waits}; streams under way: {open}"),
    }
}
