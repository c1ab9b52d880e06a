//! Runs that follow each other, each from what a destination has committed of the one before, and what holds of them.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;

use crate::api::Row;
use crate::covers::covers;
use crate::manifest_program::program;
use crate::process::{Ended, Folder, SIGKILL, SIGTERM, Signal, Stop, TO_THE_END, When, run};
use crate::reading::{Reading, Said, catalog, state_of};
use crate::shapes::{Memory, Program, Shape, Stream};
use crate::world::{Weather, World, rows};

/// Names the source of attributes that the other process runs.
pub(crate) const SOURCE: &str = "AIRBYTE_CRASH_SOURCE";

/// What was done and seen, for the report.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) chains: usize,
    pub(crate) runs: usize,
    pub(crate) kills: usize,
    pub(crate) terms: usize,
    pub(crate) failures: usize,
    pub(crate) records: usize,
    pub(crate) states: usize,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.chains += other.chains;
        self.runs += other.runs;
        self.kills += other.kills;
        self.terms += other.terms;
        self.failures += other.failures;
        self.records += other.records;
        self.states += other.states;
    }
}

/// The place where a shape is run.
pub(crate) struct Stage<'s> {
    pub(crate) shape: &'s Shape,
    pub(crate) world: World,
    folder: Folder,
}

/// What the destination has after some runs.
pub(crate) struct Chain<'s> {
    pub(crate) stage: &'s Stage<'s>,
    /// The most requests in flight.
    pub(crate) concurrency: u32,
    /// The last state of each stream that it committed.
    committed: BTreeMap<String, Value>,
    /// The records of each stream that it has.
    seen: BTreeMap<String, Vec<u64>>,
    /// How many of them the last state of each stream has committed.
    saved: BTreeMap<String, usize>,
    /// All that it was ever told, also what it lost.
    heard: BTreeMap<String, BTreeSet<u64>>,
    /// What the longest run took: only so much can a state say that a read took.
    pub(crate) longest: Duration,
    pub(crate) totals: Totals,
}

impl<'s> Stage<'s> {
    pub(crate) fn new(shape: &'s Shape) -> Self {
        Self { shape, world: World::start(), folder: Folder::new() }
    }

    pub(crate) fn chain(&'s self, concurrency: u32) -> Chain<'s> {
        let totals = Totals { chains: 1, ..Totals::default() };
        Chain {
            stage: self,
            concurrency,
            committed: BTreeMap::new(),
            seen: BTreeMap::new(),
            saved: BTreeMap::new(),
            heard: BTreeMap::new(),
            longest: Duration::ZERO,
            totals,
        }
    }

    fn command(&self, state: &Value, concurrency: u32) -> Command {
        let mut command = match &self.shape.program {
            Program::Structs(source) => {
                let mut command = Command::new(std::env::current_exe().expect("this program"));
                command.env(SOURCE, source).arg("read");
                command
            }
            Program::Manifest(manifest) => {
                let mut command = Command::new(program());
                command.arg("read").arg("--manifest-path").arg(self.folder.file("manifest.json", manifest));
                command
            }
        };
        command.arg("--config").arg(self.folder.file("config.json", &self.shape.config(&self.world, concurrency)));
        command.arg("--catalog").arg(self.folder.file("catalog.json", &catalog(&self.shape.names())));
        command.arg("--state").arg(self.folder.file("state.json", state));
        command
    }
}

impl Chain<'_> {
    /// One run from what is committed. What it says is held against every law that a single line or run can break.
    pub(crate) fn run(&mut self, stop: Stop, weather: Weather) -> Ended {
        self.stage.world.set(weather);
        let state: Value = self
            .committed
            .iter()
            .flat_map(|(stream, blob)| state_of(stream, blob).as_array().cloned().unwrap_or_default())
            .collect();
        let ended = run(self.stage.command(&state, self.concurrency), stop);
        let reading = Reading::of_lines(&ended.lines.concat());
        let given = self.committed.clone();
        self.hear(&reading, &given, weather);
        self.longest = self.longest.max(ended.took);
        self.totals.runs += 1;
        match ended.status.signal() {
            Some(SIGTERM) => {
                self.totals.terms += 1;
                self.require_clean_end(&reading, &ended);
            }
            Some(SIGKILL) => self.totals.kills += 1,
            // It had ended before its reader died.
            _ if stop.signal == Signal::KillBoth => {}
            _ => self.require_own_end(&reading, &ended, weather),
        }
        // Only a destination that outlives the killed process may write what no state has committed; all others lose it,
        // so that a state that goes too far is missed in the end.
        if stop.signal != Signal::Kill || stop.when == When::Never {
            for (stream, seen) in &mut self.seen {
                seen.truncate(self.saved.get(stream).copied().unwrap_or(0));
            }
        }
        self.saved.extend(self.seen.iter().map(|(stream, seen)| (stream.clone(), seen.len())));
        ended
    }

    /// Records are new or not covered by the state that was given; states cover only records that came before them.
    fn hear(&mut self, reading: &Reading, given: &BTreeMap<String, Value>, weather: Weather) {
        let rows = rows(weather.round);
        let find = |id: u64| rows.iter().find(|row| row.id == id).unwrap_or_else(|| panic!("there is no row {id}"));
        for said in &reading.said {
            match said {
                Said::Record { stream, data, .. } => {
                    let id = data["id"].as_u64().expect("an id");
                    let is_new = self.heard.entry(stream.clone()).or_default().insert(id);
                    let known = self.stage.stream(stream);
                    if let Some(given) = given.get(stream).filter(|_| !is_new) {
                        let again = known.allowance(given, self.longest);
                        assert!(
                            !covers(given, find(id), again),
                            "{stream}: record {id} comes again although the state {given} covers it"
                        );
                    }
                    self.seen.entry(stream.clone()).or_default().push(id);
                    self.totals.records += 1;
                }
                Said::State { stream, blob, .. } => {
                    let seen = self.seen.entry(stream.clone()).or_default();
                    for row in self.stage.stream(stream).truth(&rows) {
                        assert!(
                            seen.contains(&row.id) || !covers(blob, row, SignedDuration::ZERO),
                            "{stream}: the state {blob} covers record {}, which nobody has read",
                            row.id
                        );
                    }
                    self.saved.insert(stream.clone(), seen.len());
                    self.committed.insert(stream.clone(), blob.clone());
                    self.totals.states += 1;
                }
                Said::Status { .. } | Said::Failure { .. } => {}
            }
        }
    }

    /// SIGTERM: the process dies of it, every stream that had begun says how it ended, and no record is without a state.
    fn require_clean_end(&self, reading: &Reading, ended: &Ended) {
        assert_eq!(ended.status.signal(), Some(SIGTERM), "{:?}", ended.status);
        for stream in &self.stage.shape.streams {
            let statuses = reading.statuses(&stream.name);
            let is_ended = statuses.last().is_none_or(|last| matches!(*last, "COMPLETE" | "INCOMPLETE"));
            assert!(is_ended, "{}: {statuses:?}", stream.name);
            assert_eq!(unsaved(reading, &stream.name), 0, "{}: records without a state at SIGTERM", stream.name);
        }
    }

    fn require_own_end(&mut self, reading: &Reading, ended: &Ended, weather: Weather) {
        let code = ended.status.code();
        let statuses = |stream: &Stream| reading.statuses(&stream.name).last().map(|last| (*last).to_owned());
        let last: Vec<_> = self.stage.shape.streams.iter().map(statuses).collect();
        let is_complete = last.iter().all(|status| status.as_deref() == Some("COMPLETE"));
        if code == Some(1) && weather.failing > 0 && !is_complete {
            self.totals.failures += 1;
            return;
        }
        assert!(code == Some(0) && is_complete, "{code:?}, {last:?}:\n{}", ended.lines.concat());
        for stream in &self.stage.shape.streams {
            assert_eq!(unsaved(reading, &stream.name), 0, "{}: records without a state at the end", stream.name);
        }
        // Those of a manifest say the state behind the status, as with the Python CDK.
        if let Program::Structs(_) = self.stage.shape.program {
            reading.require_lawful_lives(&self.stage.shape.names());
        }
    }

    /// Reads on until everything is there, and compares with the truth.
    pub(crate) fn finish(&mut self, weather: Weather) -> Ended {
        let weather = Weather { failing: 0, ..weather };
        let last = self.run(TO_THE_END, weather);
        assert!(last.status.success(), "{:?} with everything mended:\n{}", last.status, last.lines.concat());
        let rows = rows(weather.round);
        for stream in &self.stage.shape.streams {
            let mut ids = self.seen.get(&stream.name).cloned().unwrap_or_default();
            ids.sort_unstable();
            ids.dedup();
            let truth: Vec<u64> = stream.truth(&rows).map(|row| row.id).collect();
            let lacks: Vec<_> = truth.iter().filter(|id| !ids.contains(id)).collect();
            assert!(lacks.is_empty(), "{}: records {lacks:?} are lost: {:?}", stream.name, self.committed);
            assert_eq!(ids, truth, "{}", stream.name);
        }
        last
    }

    /// A read that nobody disturbed says each record once.
    pub(crate) fn require_no_repeats(&self, undisturbed: &Ended, weather: Weather) {
        let (rows, reading) = (rows(weather.round), Reading::of_lines(&undisturbed.lines.concat()));
        for stream in &self.stage.shape.streams {
            let truth: Vec<u64> = stream.truth(&rows).map(|row| row.id).collect();
            assert_eq!(reading.ids(&stream.name), truth, "{}: undisturbed, each record comes once", stream.name);
        }
    }

    /// A run that goes on from a clean end, when nothing is new, finds next to nothing.
    pub(crate) fn require_rest(&mut self, weather: Weather) {
        let before: BTreeMap<_, _> = self.seen.iter().map(|(stream, ids)| (stream.clone(), ids.len())).collect();
        let state = self.committed.clone();
        self.run(TO_THE_END, Weather { failing: 0, ..weather });
        let rows = rows(weather.round);
        for stream in &self.stage.shape.streams {
            let again =
                self.seen.get(&stream.name).map_or(0, Vec::len) - before.get(&stream.name).copied().unwrap_or(0);
            match (stream.memory, state.get(&stream.name)) {
                (Memory::None, _) => {}
                (Memory::Hashes, _) => assert_eq!(again, 0, "{} comes again", stream.name),
                (Memory::Cursor, Some(state)) => {
                    let open: Vec<_> = stream.truth(&rows).filter(|row| !covers(state, row, stream.unit())).collect();
                    // The greatest number is its own unit.
                    assert!(open.len() <= 1, "{}: the state {state} does not cover {open:?}", stream.name);
                }
                (Memory::Cursor, None) => panic!("{} has no state", stream.name),
            }
        }
    }
}

/// Records of a stream after its last state.
fn unsaved(reading: &Reading, wanted: &str) -> usize {
    let last = reading.said.iter().rposition(|said| matches!(said, Said::State { stream, .. } if stream == wanted));
    let rest = reading.said.iter().skip(last.map_or(0, |last| last + 1));
    rest.filter(|said| matches!(said, Said::Record { stream, .. } if stream == wanted)).count()
}

impl Stage<'_> {
    fn stream(&self, name: &str) -> &Stream {
        let found = self.shape.streams.iter().find(|stream| stream.name == name);
        found.unwrap_or_else(|| panic!("nobody asked for `{name}`"))
    }
}

impl Stream {
    pub(crate) fn truth<'r>(&self, rows: &'r [Row]) -> impl Iterator<Item = &'r Row> {
        let has = self.has;
        rows.iter().filter(move |row| has(row))
    }

    /// How far before the state's value records may come again on purpose: the lookback, and where a partition has only
    /// the whole stream's value, the time that the read took which the state is of, as it was measured here.
    pub(crate) fn allowance(&self, state: &Value, longest: Duration) -> SignedDuration {
        let measured = i64::try_from(longest.as_secs() + 1).unwrap_or(i64::MAX);
        let run_time = state["lookback_window"].as_i64().unwrap_or(0).min(measured);
        SignedDuration::from_hours(self.lookback)
            + SignedDuration::from_secs((run_time + self.unit - 1) / self.unit * self.unit)
    }

    /// The smallest difference between two values of the state, before it.
    pub(crate) fn unit(&self) -> SignedDuration {
        SignedDuration::from_secs(-self.unit)
    }
}
