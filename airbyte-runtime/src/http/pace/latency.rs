//! Whether answers come as fast as they did.

use std::collections::HashMap;
use std::time::Duration;

use super::Lane;

/// Answers whose mean is compared: some alone may come from a cache, or find a large page.
const BATCH: u32 = 64;
/// The same before anything is known.
const FIRST_BATCH: u32 = 16;
/// Answers that take longer than they did, by this factor and by [`NOISE`] seconds, have waited for others. Those that
/// take no more than the noise do not show whether they have: with more at one time nothing might be faster, and more
/// memory would be full.
const SLOWER: f64 = 2.0;
const NOISE: f64 = 0.010;

/// How answers come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    /// Sooner than they are needed.
    Prompt,
    /// As they did.
    Steady,
    /// Later than they did.
    Slower,
}

/// The time that answers take, lane by lane: a search takes longer than a list.
#[derive(Debug, Default)]
pub(super) struct Latencies(HashMap<Lane, Latency>);

/// In seconds.
#[derive(Debug, Default)]
struct Latency {
    batch: f64,
    recorded: u32,
    /// Whether more than a few were in flight at any time of the batch.
    had_burden: bool,
    /// The smallest mean of a batch, or that of the last one without a burden: an API that becomes slower under the load
    /// would else be taken for one that always was, and one that always is for one under a load.
    fastest: Option<f64>,
    average: f64,
}

impl Latencies {
    /// Notes how long an answer took, and whether more were in flight than are no burden; returns how those of its lane
    /// come now.
    pub(super) fn record(&mut self, lane: Lane, took: Duration, is_burden: bool) -> Haste {
        let took = took.as_secs_f64();
        let latency = self.0.entry(lane).or_default();
        latency.batch += took;
        latency.recorded += 1;
        latency.had_burden |= is_burden;
        match latency.fastest {
            None => latency.average = latency.batch / f64::from(latency.recorded),
            Some(_) => latency.average += (took - latency.average) / f64::from(BATCH),
        }
        if latency.recorded == latency.fastest.map_or(FIRST_BATCH, |_| BATCH) {
            let mean = latency.batch / f64::from(latency.recorded);
            let known = latency.fastest.filter(|_| latency.had_burden);
            latency.fastest = Some(known.map_or(mean, |fastest| fastest.min(mean)));
            (latency.batch, latency.recorded, latency.had_burden) = (0.0, 0, false);
        }
        latency.haste()
    }
}

impl Latency {
    fn haste(&self) -> Haste {
        let limit = self.fastest.map_or(f64::INFINITY, |fastest| fastest * SLOWER + NOISE);
        match self.average {
            average if average > limit => Haste::Slower,
            average if average <= NOISE => Haste::Prompt,
            _ => Haste::Steady,
        }
    }
}
