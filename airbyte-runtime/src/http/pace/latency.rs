//! Whether answers come as fast as they did.

use std::collections::HashMap;
use std::time::Duration;

use super::Lane;

/// Answers whose mean is compared: one alone may come from a cache.
const BATCH: u32 = 16;
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
    /// The smallest mean of a batch. It is never forgotten: an API that becomes slower under the load would else be
    /// taken for one that always was.
    fastest: Option<f64>,
    average: f64,
}

impl Latencies {
    /// Notes how long an answer took; returns how those of its lane come now.
    pub(super) fn record(&mut self, lane: Lane, took: Duration) -> Haste {
        let took = took.as_secs_f64();
        let latency = self.0.entry(lane).or_default();
        latency.batch += took;
        latency.recorded += 1;
        if latency.recorded == BATCH {
            let mean = latency.batch / f64::from(BATCH);
            latency.fastest = Some(latency.fastest.map_or(mean, |fastest| fastest.min(mean)));
            (latency.batch, latency.recorded) = (0.0, 0);
        }
        let Some(fastest) = latency.fastest else {
            latency.average = latency.batch / f64::from(latency.recorded);
            return latency.haste(f64::INFINITY);
        };
        latency.average += (took - latency.average) / f64::from(BATCH);
        latency.haste(fastest * SLOWER + NOISE)
    }
}

impl Latency {
    /// How answers come of which those above the limit are late.
    fn haste(&self, limit: f64) -> Haste {
        match self.average {
            average if average > limit => Haste::Slower,
            average if average <= NOISE => Haste::Prompt,
            _ => Haste::Steady,
        }
    }
}
