//! The state of a stream while it is read: which slices are open, which are done, and what may be said about it.
//!
//! A slice counts only once it was read to its end and its records are queued, so a state never covers anything that
//! is still on its way.

#[cfg(test)]
mod laws;

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::backfill::Past;
use super::ledger::Ledger;
use super::order::OrderWatch;
use crate::error::Result;
use crate::plan::cursor::{Cursor, Position, Progress, RecordRange, Window, Windows};
use crate::plan::memory::{Entry, Memory, MemoryPlan, partition_entry, short_name};
use crate::plan::slice::{Interval, Part};
use crate::plan::{Partition, Slice, StreamPlan};
use crate::protocol::{is_full_refresh_complete, no_cursor_state};
use crate::time;
use crate::time::Duration;

/// Partitions after which the state is kept for the whole stream only, as the Python CDK does it.
const MAX_PARTITIONS: usize = 10_000;
/// A state may be written when the records since the last one are this many times as long.
const STATE_SHARE: usize = 8;
/// Bytes of states in a second that may be written for the sake of the jobs in them.
const JOB_STATES_PACE: usize = 100_000;
/// States up to so many bytes are written with every job that begins: a kill then needs no other.
const SHORT_JOB_STATE: usize = 16 << 10;
/// How long hashes count at least for that: to say them takes them all.
const LEAST_MEMORY: usize = 4 << 10;

/// The state of one stream.
pub(super) struct Checkpoint {
    stream: Arc<StreamPlan>,
    kind: Kind,
    /// What was said last, so that nothing is said twice: a number for it, since the state of many partitions is large.
    said: Option<u64>,
    said_bytes: usize,
    /// The state that the read goes on from.
    given: Option<Value>,
    /// What stands in it besides the cursor, if that is kept.
    foreign: Map<String, Value>,
    /// Where the incremental parents are, by their names.
    parents: Map<String, Value>,
    /// The jobs that are on their way.
    jobs: Ledger,
    said_at: Instant,
}

enum Kind {
    /// No cursor: the stream is read anew each time.
    None,
    /// No cursor, and an older Airbyte says that this job has read the stream already.
    Finished,
    Single(Progress),
    Partitioned(Box<Partitioned>),
    /// No cursor, but hashes of what was read.
    Remembered(Memory),
    /// A range of the past.
    Past(Box<PastRead>),
}

/// A range that is read whatever the state says.
struct PastRead {
    past: Past,
    /// The state as it was given, and as it stays; empty if there was none.
    given: Value,
    /// The partitions that were opened, by short names: there may be a million.
    opened: HashSet<u128>,
}

/// When a state is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment {
    /// A slice has ended, others may follow.
    Underway,
    /// Everything has been read.
    Complete,
    /// Nothing more will be read, although something is missing.
    Incomplete,
}

/// A slice that is being read.
#[derive(Clone, Debug)]
pub(super) struct OpenSlice {
    pub(super) slice: Slice,
    pub(super) window: Option<Window>,
    /// The whole range that is read of the partition, in the cursor's order.
    pub(super) bounds: Option<(i128, i128)>,
    /// Whether nothing outside of that range counts, whatever the cursor says.
    pub(super) is_past: bool,
    /// The job that an earlier read has begun for it.
    pub(super) job: Option<Map<String, Value>>,
    /// Whether its records come in the order that was promised.
    pub(super) watch: OrderWatch,
    /// Whether it is one of several parts of a slice, of which nobody says that one comes before the other: how far its
    /// records have come says nothing about the slice.
    pub(super) is_part: bool,
}

/// The slices of one partition, made one by one.
pub(super) struct Slices {
    stream: Arc<StreamPlan>,
    partition: Arc<Partition>,
    /// Whether the partition is read in one piece, for want of a cursor.
    whole: bool,
    windows: Windows,
    bounds: Option<(i128, i128)>,
    is_past: bool,
    /// The jobs of an earlier read, by their slices.
    jobs: Vec<(Option<Interval>, Map<String, Value>)>,
}

impl Iterator for Slices {
    type Item = OpenSlice;

    fn next(&mut self) -> Option<OpenSlice> {
        let window = match &self.stream.cursor {
            Some(cursor) if !self.whole => Some(cursor.next_window(&mut self.windows)?),
            _ if std::mem::take(&mut self.whole) => None,
            _ => return None,
        };
        let interval = window.as_ref().map(Window::interval);
        let job = self.jobs.iter().position(|(of, _)| *of == interval).map(|at| self.jobs.swap_remove(at).1);
        Some(OpenSlice {
            slice: Slice { partition: Arc::clone(&self.partition), interval, job: None, record: None },
            window,
            bounds: self.bounds,
            is_past: self.is_past,
            job,
            watch: OrderWatch::default(),
            is_part: false,
        })
    }
}

impl OpenSlice {
    /// Whether a record with this cursor value is not part of what was asked for.
    pub(super) fn excludes(&self, cursor: &Cursor, order: i128) -> bool {
        match cursor.record_range {
            RecordRange::Any if !self.is_past => false,
            RecordRange::Window if !self.is_past => self.window.as_ref().is_some_and(|window| window.excludes(order)),
            _ => self.bounds.is_some_and(|(first, last)| order < first || order > last),
        }
    }

    /// Whether the records of a feed, whose newest come first, have reached what was read before. What is newer than the
    /// range, because it was written since the read began, comes before it.
    pub(super) fn ends_feed(&self, order: i128) -> bool {
        self.bounds.is_some_and(|(first, _)| order < first)
    }

    /// The partition and the range, for a log.
    pub(super) fn describe(&self) -> String {
        let range = self.slice.interval.as_ref().map(|interval| format!(", {} to {}", interval.start, interval.end));
        format!("partition {}{}", self.slice.partition.id, range.unwrap_or_default())
    }
}

impl Checkpoint {
    /// Goes on from a state of any accepted form.
    ///
    /// # Errors
    /// A state that cannot be read is a config error.
    pub(super) fn resume(stream: &Arc<StreamPlan>, state: Option<&Value>) -> Result<Self> {
        if let (Some(cursor), Some(state), true) = (&stream.cursor, state, stream.conduct.mirrors_states) {
            cursor.require_values(state, stream.is_partitioned())?;
        }
        let kind = match (&stream.cursor, &stream.memory) {
            (None, Some(plan)) => Kind::Remembered(plan.resume(state)?),
            (None, None) if state.is_some_and(is_full_refresh_complete) => Kind::Finished,
            (None, None) => Kind::None,
            (Some(cursor), _) if stream.is_partitioned() => {
                let has_parents = stream.keeps_parent_state();
                Kind::Partitioned(Box::new(Partitioned::resume(cursor, state, has_parents)?))
            }
            (Some(cursor), _) => Kind::Single(cursor.resume(state)?),
        };
        Ok(Self { given: state.cloned(), ..Self::new(stream, kind) })
    }

    /// Reads a range of the past; the state goes out as it came in.
    pub(super) fn of_past(stream: &Arc<StreamPlan>, past: Past, given: Option<&Value>) -> Self {
        let given = given.cloned().unwrap_or_else(|| Value::Object(Map::new()));
        Self::new(stream, Kind::Past(Box::new(PastRead { past, given, opened: HashSet::new() })))
    }

    fn new(stream: &Arc<StreamPlan>, kind: Kind) -> Self {
        Self {
            stream: Arc::clone(stream),
            kind,
            said: None,
            said_bytes: 0,
            given: None,
            foreign: Map::new(),
            parents: Map::new(),
            jobs: Ledger::default(),
            said_at: Instant::now(),
        }
    }

    /// Goes on with the jobs of an earlier read as well.
    pub(super) fn with_jobs(self, jobs: Ledger) -> Self {
        Self { jobs, ..self }
    }

    /// Keeps what stands in the given state besides the cursor, where the stream does so.
    pub(super) fn with_foreign(mut self, given: Option<&Value>) -> Self {
        let keeps = self.stream.conduct.mirrors_states && matches!(self.kind, Kind::Single(_));
        if let Some(given) = given.and_then(Value::as_object).filter(|given| keeps && !given.contains_key("state_type"))
        {
            self.foreign = given.clone();
        }
        self
    }

    /// The jobs that the state remembers.
    pub(super) fn jobs(&mut self) -> &mut Ledger {
        &mut self.jobs
    }

    /// The state from which a parent goes on: what this state keeps for it, or else what it says about this stream,
    /// whose records cannot be newer than their parents. A parent that spells its values otherwise is read anew.
    pub(super) fn parent_state(&self, parent: &StreamPlan) -> Option<Value> {
        let given = self.given.as_ref()?.as_object()?;
        let kept = given.get("parent_state").and_then(|parents| parents.get(&parent.name));
        if let Some(kept) = kept.filter(|kept| kept.as_object().is_some_and(|kept| !kept.is_empty())) {
            return Some(kept.clone());
        }
        let own = match given.get("state") {
            Some(global) => global.as_object()?,
            None => given,
        };
        let mut values = own.values().filter(|value| value.is_string() || value.is_number());
        let (value, cursor) = (values.next()?, parent.cursor.as_ref()?);
        let state = json!({&cursor.key: value});
        (own.len() == 1 && cursor.resume(Some(&state)).is_ok()).then_some(state)
    }

    /// Whether the read goes on from no state.
    pub(super) fn begins_fresh(&self) -> bool {
        self.given.as_ref().and_then(Value::as_object).is_none_or(Map::is_empty)
    }

    /// Notes where an incremental parent is.
    pub(super) fn set_parent_state(&mut self, parent: &str, state: Value) {
        self.parents.insert(parent.to_owned(), state);
    }

    /// Takes note that everything has been read.
    pub(super) fn settle(&mut self) {
        if let (Kind::Partitioned(partitions), Some(cursor)) = (&mut self.kind, &self.stream.cursor) {
            partitions.finish(cursor);
        }
    }

    /// The state as it is now, whether or not it is time to write it.
    pub(super) fn current(&self) -> Value {
        match (&self.kind, &self.stream.cursor) {
            (Kind::Single(progress), Some(cursor)) => with(&self.foreign, cursor.state(progress, true)),
            (Kind::Partitioned(partitions), Some(cursor)) => {
                partitions.state(cursor, &self.parents, !partitions.failed)
            }
            (Kind::Remembered(memory), _) => self.remembered(memory, true),
            _ => no_cursor_state(),
        }
    }

    /// The state as it may be said at any moment: what has ended is in it, and nothing else.
    pub(super) fn underway(&mut self) -> Value {
        let mut state = match (&self.kind, &self.stream.cursor) {
            (Kind::Past(read), _) => return read.given.clone(),
            (Kind::Remembered(memory), _) => self.remembered(memory, false),
            (Kind::Single(progress), Some(cursor)) => with(&self.foreign, cursor.state(progress, false)),
            (Kind::Partitioned(partitions), Some(cursor)) => partitions.state(cursor, &self.parents, false),
            (Kind::None | Kind::Finished, _) | (_, None) => no_cursor_state(),
        };
        self.jobs.write(&mut state);
        state
    }

    fn remembered(&self, memory: &Memory, complete: bool) -> Value {
        self.stream.memory.as_ref().map_or_else(no_cursor_state, |plan| plan.state(memory, complete))
    }

    /// Whether a record is as an earlier sync wrote it.
    pub(super) fn knows(&self, entry: Entry) -> bool {
        matches!(&self.kind, Kind::Remembered(memory) if memory.knows(entry))
    }

    /// Remembers records that are on their way to stdout.
    pub(super) fn remember(&mut self, entries: Vec<Entry>) {
        if let Kind::Remembered(memory) = &mut self.kind {
            entries.into_iter().for_each(|entry| memory.remember(entry));
        }
    }

    /// Opens a partition: the slices of it that are still to be read.
    pub(super) fn open(&mut self, partition: Arc<Partition>, now: time::Moment) -> Slices {
        let jobs = self.jobs.of(&partition);
        let windows = match (&mut self.kind, &self.stream.cursor) {
            (Kind::Finished, _) => Some(Windows::default()),
            (Kind::Remembered(memory), _) if matches!(self.stream.memory, Some(MemoryPlan::Partitions)) => {
                let entry = partition_entry(&partition.id);
                let is_known = memory.knows(entry);
                if is_known {
                    memory.remember(entry);
                }
                is_known.then(Windows::default)
            }
            (Kind::Remembered(_), _) => None,
            (Kind::Past(read), Some(cursor)) => Some(match read.opened.insert(short_name(&partition.id)) {
                true => cursor.windows_of(read.past.start, read.past.end),
                false => Windows::default(),
            }),
            (Kind::None, _) | (_, None) => None,
            (Kind::Single(progress), Some(cursor)) => {
                Some(cursor.set_apart(cursor.open(progress, now, None), &intervals(&jobs)))
            }
            (Kind::Partitioned(partitions), Some(cursor)) => {
                Some(partitions.open(cursor, &partition, now, &intervals(&jobs)))
            }
        };
        let cursor = self.stream.cursor.as_ref();
        let past = match &self.kind {
            Kind::Past(read) => Some((read.past.start.epoch_nanos(), read.past.end.epoch_nanos() - 1)),
            _ => None,
        };
        Slices {
            stream: Arc::clone(&self.stream),
            whole: windows.is_none(),
            bounds: past.or_else(|| cursor.zip(windows.as_ref()).and_then(|(cursor, windows)| cursor.bounds(windows))),
            is_past: past.is_some(),
            windows: windows.unwrap_or_default(),
            partition,
            jobs,
        }
    }

    /// Takes the beginning of a slice whose records come in ascending order.
    pub(super) fn advance(&mut self, slice: &OpenSlice, newest: &Position) {
        let (Some(cursor), Some(window)) = (&self.stream.cursor, &slice.window) else { return };
        match &mut self.kind {
            Kind::None | Kind::Finished | Kind::Remembered(_) | Kind::Past(_) => {}
            Kind::Single(progress) => progress.advance(cursor, window, newest),
            Kind::Partitioned(partitions) => {
                if let Some(progress) = partitions.progress(&slice.slice.partition.id) {
                    progress.advance(cursor, window, newest);
                }
            }
        }
    }

    /// Takes a slice that was read to its end.
    pub(super) fn close(&mut self, slice: OpenSlice, newest: Option<Position>) {
        self.jobs.forget(&slice.slice);
        if let (Kind::Remembered(memory), Some(MemoryPlan::Partitions)) = (&mut self.kind, &self.stream.memory) {
            memory.remember(partition_entry(&slice.slice.partition.id));
        }
        let (Some(cursor), Some(window)) = (&self.stream.cursor, slice.window) else { return };
        match &mut self.kind {
            Kind::None | Kind::Finished | Kind::Remembered(_) | Kind::Past(_) => {}
            Kind::Single(progress) => progress.close(cursor, &window, newest),
            Kind::Partitioned(partitions) => partitions.close(cursor, &slice.slice.partition.id, &window, newest),
        }
    }

    /// Takes a slice that failed: it will be read again next time.
    pub(super) fn abandon(&mut self, slice: OpenSlice) {
        if let Kind::Partitioned(partitions) = &mut self.kind {
            partitions.abandon(&slice.slice.partition.id);
        }
    }

    /// The state to write now, if one is due: at the end always, before that when it is new and worth its length.
    pub(super) fn state(&mut self, unsaved: usize, moment: Moment) -> Option<Value> {
        let last = moment != Moment::Underway;
        if let Kind::Past(read) = &self.kind {
            return last.then(|| read.given.clone());
        }
        let news = self.jobs.has_news()
            && (self.said_bytes <= SHORT_JOB_STATE
                || self.said_at.elapsed().as_secs_f64() * JOB_STATES_PACE as f64 >= self.said_bytes as f64);
        let mut state = match (&mut self.kind, &self.stream.cursor) {
            (Kind::Remembered(memory), _) => {
                let due = last || unsaved >= STATE_SHARE * self.said_bytes.max(LEAST_MEMORY);
                self.stream.memory.as_ref().filter(|_| due)?.state(memory, moment == Moment::Complete)
            }
            (Kind::None | Kind::Finished, _) | (_, None) if !last && !news => return None,
            (Kind::None | Kind::Finished | Kind::Past(_), _) | (_, None) => no_cursor_state(),
            (Kind::Single(progress), Some(cursor)) => {
                with(&self.foreign, cursor.state(progress, moment == Moment::Complete))
            }
            (Kind::Partitioned(partitions), Some(cursor)) => {
                let due = last || news || self.said.is_none() || unsaved >= STATE_SHARE * self.said_bytes;
                // The state of the whole stream moves only at its end, so there is nothing to say before that.
                if !due || (partitions.use_global_cursor && !last && !news) {
                    return None;
                }
                // A read that was stopped or that failed may not know all of its partitions.
                if moment == Moment::Complete {
                    partitions.finish(cursor);
                }
                partitions.state(cursor, &self.parents, moment == Moment::Complete)
            }
        };
        // Jobs that nobody has asked for when everything is read belong to partitions that are gone.
        if moment != Moment::Complete {
            self.jobs.write(&mut state);
        }
        let repeats = self.stream.conduct.mirrors_states && (last || matches!(self.kind, Kind::Single(_)));
        let Tally { bytes, hasher } = Tally::of(&state);
        let number = Some(hasher.finish());
        let is_said = !repeats && self.said == number && (unsaved == 0 || !last);
        let is_empty = state.as_object().is_some_and(Map::is_empty);
        if is_said || (is_empty && !last && self.said.is_none()) {
            return None;
        }
        self.said_bytes = bytes;
        self.said_at = Instant::now();
        self.said = number;
        Some(state)
    }
}

/// How long a text is, and what tells it from others.
#[derive(Default)]
struct Tally {
    bytes: usize,
    hasher: DefaultHasher,
}

impl Tally {
    /// That of a state as it is written.
    fn of(state: &Value) -> Self {
        let mut tally = Self::default();
        // It takes whatever it gets, and a value can always be written.
        let _ = serde_json::to_writer(&mut tally, state);
        tally
    }
}

impl io::Write for Tally {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.bytes += text.len();
        self.hasher.write(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A state with what stood in an earlier one besides.
fn with(foreign: &Map<String, Value>, own: Map<String, Value>) -> Value {
    if foreign.is_empty() {
        return Value::Object(own);
    }
    let mut state = foreign.clone();
    state.extend(own);
    Value::Object(state)
}

fn intervals(jobs: &[(Option<Interval>, Map<String, Value>)]) -> Vec<Interval> {
    jobs.iter().filter_map(|(interval, _)| interval.clone()).collect()
}

/// How far each partition has been read.
struct Partitioned {
    partitions: Vec<(Arc<Partition>, Progress)>,
    /// Indexes into `partitions`, by the partition's id.
    index: HashMap<Arc<str>, usize>,
    /// Slices in flight of each partition that has some.
    open: HashMap<Arc<str>, usize>,
    /// Progress of open partitions once `use_global_cursor` is set, when finished ones are forgotten.
    transient: HashMap<Arc<str>, Progress>,
    use_global_cursor: bool,
    has_parents: bool,
    /// Whether the state named partitions.
    had_states: bool,
    /// The cursor of the whole stream, as of the last run that read all of it.
    global: Option<Position>,
    lookback_seconds: i64,
    newest: Option<Position>,
    failed: bool,
    /// The partition that was opened first, and whether it was read to its end: before that nothing is known of parents.
    first: Option<Arc<str>>,
    first_is_read: bool,
    began: Instant,
}

impl Partitioned {
    fn resume(cursor: &Cursor, state: Option<&Value>, has_parents: bool) -> Result<Self> {
        let mut this = Self {
            partitions: Vec::new(),
            index: HashMap::new(),
            open: HashMap::new(),
            transient: HashMap::new(),
            use_global_cursor: cursor.global_only,
            has_parents,
            had_states: false,
            global: None,
            lookback_seconds: 0,
            newest: None,
            failed: false,
            first: None,
            first_is_read: false,
            began: Instant::now(),
        };
        let Some(state) = state.and_then(Value::as_object) else { return Ok(this) };
        if !state.contains_key("states") && !state.contains_key("state") {
            // A stream that had no partitions when it wrote this: it holds for each of them.
            this.global = state
                .get(&cursor.key)
                .filter(|value| !value.is_null())
                .map(|value| cursor.state_position(value))
                .transpose()?;
            return Ok(this);
        }
        this.use_global_cursor = state.get("use_global_cursor").and_then(Value::as_bool).unwrap_or(false);
        this.lookback_seconds =
            state.get("lookback_window").and_then(Value::as_f64).map_or(0, |seconds| seconds.ceil() as i64);
        if let Some(value) =
            state.get("state").and_then(|global| global.get(&cursor.key)).filter(|value| !value.is_null())
        {
            this.global = Some(cursor.state_position(value)?);
        }
        for entry in state.get("states").and_then(Value::as_array).into_iter().flatten() {
            let Some(keys) = entry.get("partition").and_then(Value::as_object) else { continue };
            let progress = cursor.resume(entry.get("cursor"))?;
            this.keep(Arc::new(Partition::new(Part { keys: keys.clone(), extra: Map::new() })), progress);
        }
        this.had_states = !this.partitions.is_empty();
        Ok(this)
    }

    fn keep(&mut self, partition: Arc<Partition>, progress: Progress) {
        let known = self.index.get(&partition.id).and_then(|at| self.partitions.get_mut(*at));
        if let Some((_, known)) = known {
            // A state that names a partition twice means what it says last.
            *known = progress;
            return;
        }
        self.index.insert(Arc::clone(&partition.id), self.partitions.len());
        self.partitions.push((partition, progress));
    }

    /// The windows of a partition; `apart` are ranges that are read in one piece each.
    fn open(&mut self, cursor: &Cursor, partition: &Arc<Partition>, now: time::Moment, apart: &[Interval]) -> Windows {
        if self.open.contains_key(&partition.id) {
            tracing::warn!(
                "two records of the parent stream name the same partition {}, which is read once",
                partition.id
            );
            return Windows::default();
        }
        let known =
            self.index.get(&partition.id).and_then(|at| self.partitions.get(*at)).map(|(_, progress)| progress.clone());
        let (mut progress, lookback) = match known {
            Some(progress) if !self.use_global_cursor => (progress, None),
            _ => self.initial(cursor),
        };
        let windows = cursor.set_apart(cursor.open(&mut progress, now, lookback), apart);
        let count = cursor.count(&windows);
        if !self.use_global_cursor && self.partitions.len() >= MAX_PARTITIONS && !self.index.contains_key(&partition.id)
        {
            self.switch_to_global();
        }
        if !self.use_global_cursor {
            self.keep(Arc::clone(partition), progress);
        } else if count > 0 {
            self.transient.insert(Arc::clone(&partition.id), progress);
        }
        if count > 0 {
            self.first.get_or_insert_with(|| Arc::clone(&partition.id));
            self.open.insert(Arc::clone(&partition.id), count);
        }
        windows
    }

    /// Where a partition starts that the state does not know: the whole stream's cursor, less the time that the last
    /// run took, since records may have appeared in it meanwhile. A value that was added to a configured list is not
    /// such a newcomer: nothing of it has been read, so it starts at the beginning.
    fn initial(&self, cursor: &Cursor) -> (Progress, Option<Duration>) {
        let is_added =
            cursor.added_values_start_fresh && !self.has_parents && !self.use_global_cursor && self.had_states;
        match &self.global {
            Some(_) if is_added => (cursor.fresh(), None),
            Some(global) => {
                let lookback = Duration::from_seconds(self.lookback_seconds);
                (cursor.resume_at(cursor.before(global, lookback)), None)
            }
            None => (cursor.fresh(), None),
        }
    }

    fn switch_to_global(&mut self) {
        tracing::warn!("more than {MAX_PARTITIONS} partitions: the state is kept for the whole stream from now on");
        self.use_global_cursor = true;
        self.index.clear();
        for (partition, progress) in self.partitions.drain(..) {
            if self.open.contains_key(&partition.id) {
                self.transient.insert(Arc::clone(&partition.id), progress);
            }
        }
    }

    fn close(&mut self, cursor: &Cursor, id: &Arc<str>, window: &Window, newest: Option<Position>) {
        let newest = newest.map(|newest| cursor.reached(window, newest));
        if let Some(newest) = &newest
            && self.newest.as_ref().is_none_or(|old| cursor.is_newer(newest, old))
        {
            self.newest = Some(newest.clone());
        }
        if let Some(progress) = self.progress(id) {
            progress.close(cursor, window, newest);
        }
        self.first_is_read |= self.first.as_ref() == Some(id) && self.open.get(id) == Some(&1);
        self.leave(id);
    }

    fn progress(&mut self, id: &Arc<str>) -> Option<&mut Progress> {
        if self.transient.contains_key(id) {
            return self.transient.get_mut(id);
        }
        let at = self.index.get(id)?;
        self.partitions.get_mut(*at).map(|(_, progress)| progress)
    }

    fn abandon(&mut self, id: &Arc<str>) {
        self.failed = true;
        self.leave(id);
    }

    fn leave(&mut self, id: &Arc<str>) {
        let left = self.open.get(id).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            self.open.remove(id);
            self.transient.remove(id);
        } else {
            self.open.insert(Arc::clone(id), left);
        }
    }

    /// Everything has been read: the whole stream's cursor may move.
    fn finish(&mut self, cursor: &Cursor) {
        if self.failed || !self.open.is_empty() {
            return;
        }
        let Some(newest) = self.newest.take() else { return };
        if self.global.as_ref().is_none_or(|old| cursor.is_newer(&newest, old)) {
            self.global = Some(newest);
        }
        self.lookback_seconds = self.began.elapsed().as_secs_f64().ceil() as i64;
    }

    fn state(&self, cursor: &Cursor, parents: &Map<String, Value>, complete: bool) -> Value {
        let mut state = Map::new();
        state.insert("use_global_cursor".to_owned(), json!(self.use_global_cursor));
        if !self.use_global_cursor {
            let states = self
                .partitions
                .iter()
                .map(|(partition, progress)| json!({"partition": partition.keys, "cursor": cursor.state(progress, complete)}));
            state.insert("states".to_owned(), states.collect());
        }
        if let Some(global) = &self.global {
            state.insert("state".to_owned(), Value::Object(cursor.state_of(global)));
        }
        state.insert("lookback_window".to_owned(), json!(self.lookback_seconds));
        if self.has_parents && (complete || self.first_is_read || !parents.is_empty()) {
            state.insert("parent_state".to_owned(), json!(parents));
        }
        Value::Object(state)
    }
}
