//! How much may be read twice: what one interval between two states has, of each partition and of all of them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::Row;
use crate::chain::Chain;
use crate::covers::covers;
use crate::process::Ended;
use crate::reading::Reading;
use crate::shapes::{Memory, Slice, Stream};
use crate::world::{PADDING, rows};

/// A state is due when the records since the last one are this many times as long: of many partitions it is long.
const STATE_SHARE: usize = 8;
/// Hashes count as long as this at least.
const LEAST_MEMORY: usize = 4 << 10;

impl Chain<'_> {
    /// How many records the second run read that the first one had read.
    ///
    /// The bound does not ask how many records came since the last state: an engine that writes only every second state
    /// of a partition, writes none before the end, or does not note that a slice has ended, breaks it.
    /// It holds where one slice is read at a time; of whole partitions also where several are.
    pub(crate) fn require_few_repeats(&self, first: &Ended, second: &Ended, round: u64) {
        let rows = rows(round);
        let (first, second) = (Reading::of_lines(&first.lines.concat()), Reading::of_lines(&second.lines.concat()));
        let at_once = self.concurrency as usize;
        for stream in self.stage.shape.streams.iter().filter(|stream| stream.lookback == 0) {
            if stream.slice == Slice::Stream || (at_once > 1 && stream.slice != Slice::Partition) {
                continue;
            }
            let state = first.last_state(&stream.name).cloned().unwrap_or_default();
            // What stands at the state's own value comes again, and does not count.
            let is_edge = |row: &Row| {
                !covers(&state, row, stream.allowance(&state, self.longest)) && covers(&state, row, stream.unit())
            };
            let (known, again) = (first.ids(&stream.name), second.ids(&stream.name));
            let mut repeats: BTreeMap<_, usize> = BTreeMap::new();
            for row in stream.truth(&rows).filter(|row| known.contains(&row.id) && !is_edge(row)) {
                *repeats.entry((stream.part)(row)).or_default() += again.iter().filter(|id| **id == row.id).count();
            }
            let late = stream.late_records(&first);
            let intervals: BTreeMap<_, usize> =
                rows.iter().map(|row| ((stream.part)(row), stream.interval((stream.part)(row), &rows))).collect();
            for (part, repeats) in &repeats {
                let allowed = intervals[part] + late;
                assert!(
                    *repeats <= allowed,
                    "{}: {repeats} of {part:?} come again, {allowed} may: {state}",
                    stream.name
                );
            }
            let mut largest: Vec<usize> = intervals.into_values().collect();
            largest.sort_unstable_by(|a, b| b.cmp(a));
            let allowed = largest.iter().take(at_once).sum::<usize>() + late;
            let all: usize = repeats.values().sum();
            assert!(all <= allowed, "{}: {all} records come again, {allowed} may: {repeats:?} {state}", stream.name);
        }
    }
}

impl Stream {
    /// The most rows of a partition that are read between two states.
    fn interval(&self, part: (&str, u64), rows: &[Row]) -> usize {
        let own: Vec<&Row> = self.truth(rows).filter(|row| (self.part)(row) == part).collect();
        match self.slice {
            Slice::Stream | Slice::Partition => own.len(),
            Slice::Window(days) => {
                let is_within = |from: &Row, row: &Row| {
                    let since = row.updated_at.duration_since(from.updated_at);
                    !since.is_negative() && since.as_hours() < 24 * days
                };
                own.iter().map(|from| own.iter().filter(|row| is_within(from, row)).count()).max().unwrap_or(0)
            }
            // Three, and one that has the instant of the last.
            Slice::Page => own.len().min(4),
        }
    }

    /// The records after an interval for which the next state is not yet worth its length.
    fn late_records(&self, reading: &Reading) -> usize {
        let states = reading.states().filter(|(stream, _)| *stream == self.name).map(|(_, state)| state);
        let counts = |state: &Value| self.memory == Memory::Hashes || state.get("states").is_some();
        let longest = states.filter(|state| counts(state)).map(|state| state.to_string().len()).max().unwrap_or(0);
        let least = if self.memory == Memory::Hashes { LEAST_MEMORY } else { 0 };
        (STATE_SHARE * longest.max(least)).div_ceil(PADDING)
    }
}
