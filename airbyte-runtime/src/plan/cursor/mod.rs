//! Cursors: which range of a stream is still to be read, and how far it has been read, without I/O.
//!
//! What has been read is a sorted list of spans. A window that was read to its end is added and merged with its
//! neighbours; the state is the newest value of the first span only, so it never passes a gap of unread data.
mod greatest;
#[cfg(test)]
pub(crate) mod laws;
mod progress;
mod scale;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::json::{JsonPath, string_value};
use crate::plan::request::Inject;
use crate::plan::slice::Interval;
use crate::time::{Duration, Moment};

pub(crate) use greatest::Greatest;
pub(crate) use progress::Progress;
use progress::Span;
pub(crate) use scale::{Clamping, TimeScale, Windows};

/// What to do about a state that cannot be read.
pub(crate) const STATE_ADVICE: &str =
    "give the connection a state that this stream wrote, or clear it to read everything again";

/// The cursor of a stream.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// The record's key, which is also the key in the state.
    pub(crate) key: String,
    pub(crate) path: JsonPath,
    pub(crate) scale: Scale,
    pub(crate) start_option: Option<Inject>,
    pub(crate) end_option: Option<Inject>,
    /// Which records count, because the API has no filter of its own.
    pub(crate) record_range: RecordRange,
    /// In which order the API sends its records.
    pub(crate) order: Order,
    /// Whether the catalog may name another field.
    pub(crate) is_catalog_defined: bool,
    #[cfg_attr(not(feature = "manifest"), expect(dead_code, reason = "only manifests have it"))]
    /// The names of a window's ends in a slice, as templates of a manifest know them.
    pub(crate) interval_keys: (String, String),
    /// Whether a record that is newer than its window moves the state past the window's end.
    pub(crate) trusts_newer: bool,
    /// Whether the newest of several partitions is the one whose text is the greatest, as in the Python CDK.
    pub(crate) compares_text: bool,
    /// Whether the state is that of the whole stream from the beginning, however few partitions there are.
    pub(crate) global_only: bool,
    /// Whether a value that was added to a configured list starts at the beginning, not at the stream's cursor.
    pub(crate) added_values_start_fresh: bool,
}

/// Which records of a page count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordRange {
    /// All: the API was asked for the right ones.
    Any,
    /// Those in the window.
    Window,
    #[cfg_attr(not(feature = "manifest"), expect(dead_code, reason = "only manifests have it"))]
    /// Those in the whole range that is read of the partition.
    Whole,
    /// The same, and the first page that ends outside of it is the last.
    Feed,
}

/// The order in which an API sends its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Nobody promises one, or only for the pages of a feed.
    Unknown,
    Ascending,
    Descending,
}

/// What orders the records.
#[derive(Debug)]
pub(crate) enum Scale {
    /// Instants, in windows of `step`.
    Time(TimeScale),
    /// Numbers, from `start` on.
    Count { start: i64 },
}

/// A value of the cursor: its order, and its text in the cursor's format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) order: i128,
    pub(crate) text: String,
}

/// A range to read; both ends belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) start: Position,
    pub(crate) end: Position,
    /// The order of the first value that is no part of it, where records are filtered here: not before that with which
    /// the next window begins, whatever the text of its own end leaves out, and not before the end of what that text says.
    pub(crate) until: i128,
}

impl Window {
    /// Whether a value lies outside of it.
    pub(crate) fn excludes(&self, order: i128) -> bool {
        order < self.start.order || order >= self.until
    }

    fn clamp(&self, newest: Position) -> Position {
        let is_beyond = !self.end.text.is_empty() && newest.order > self.end.order;
        if is_beyond { self.end.clone() } else { newest }
    }

    pub(crate) fn interval(&self) -> Interval {
        Interval { start: self.start.text.clone(), end: self.end.text.clone() }
    }
}

impl Cursor {
    /// The greatest value up to which a window has been read for certain. A record that changed while it was being
    /// read shows a value beyond the window's end; others that changed before it may have been on pages already read.
    pub(crate) fn reached(&self, window: &Window, newest: Position) -> Position {
        if self.trusts_newer { newest } else { window.clamp(newest) }
    }

    /// Whether a position is newer than another, of another partition.
    pub(crate) fn is_newer(&self, newest: &Position, old: &Position) -> bool {
        if self.compares_text { newest.text > old.text } else { newest.order > old.order }
    }

    /// The first and the last value of all windows together.
    pub(crate) fn bounds(&self, windows: &Windows) -> Option<(i128, i128)> {
        if let Some(open) = &windows.open {
            return Some((open.start.order, open.end.order));
        }
        let (first, last) = (windows.ranges.front()?, windows.ranges.back()?);
        Some((first.from.epoch_nanos(), last.to.epoch_nanos()))
    }

    /// The value that a record holds, given the raw JSON of its cursor field.
    pub(crate) fn position(&self, raw: &[u8]) -> Option<Position> {
        let text = string_value(raw)?;
        match &self.scale {
            Scale::Count { .. } => text.parse::<i64>().ok().map(count),
            Scale::Time(scale) => scale.parse(&text).map(|moment| scale.reached(moment)),
        }
    }

    /// The order of that value alone, which allocates nothing.
    pub(crate) fn order_of(&self, raw: &[u8]) -> Option<i128> {
        let text = string_value(raw)?;
        match &self.scale {
            Scale::Count { .. } => text.parse::<i64>().ok().map(i128::from),
            Scale::Time(scale) => scale.parse(&text).map(Moment::epoch_nanos),
        }
    }

    /// Whether the order of two raw values is that of their bytes, if both can be read.
    fn sorts_as_text(&self, a: &[u8], b: &[u8]) -> bool {
        match &self.scale {
            Scale::Time(scale) if scale.sortable => {
                a.len() == b.len() && a.first() == Some(&b'"') && has_digits_alike(a, b) && zone(a) == zone(b)
            }
            _ => false,
        }
    }

    /// What has been read according to a state of any accepted form.
    ///
    /// # Errors
    /// A state whose value cannot be read is a config error: going on without it would read everything again.
    pub(crate) fn resume(&self, state: Option<&Value>) -> Result<Progress> {
        let Some(state) = state.and_then(Value::as_object) else { return Ok(self.fresh()) };
        if let Some(slices) = state.get("slices").and_then(Value::as_array) {
            return self.resume_slices(slices);
        }
        match state.get(&self.key) {
            None | Some(Value::Null) => Ok(self.fresh()),
            Some(value) => Ok(self.resume_at(self.state_position(value)?)),
        }
    }

    /// Whether a state has a value wherever one belongs: `null` is none, except of a counter.
    ///
    /// # Errors
    /// The first place without a value is a config error.
    pub(crate) fn require_values(&self, state: &Value, is_partitioned: bool) -> Result<()> {
        if matches!(self.scale, Scale::Count { .. }) {
            return Ok(());
        }
        let lacks = |what: String| Err(Error::config(format!("{what} has no value")).with_detail(STATE_ADVICE));
        let is_null = |cursor: &Value| cursor.get(&self.key).is_some_and(Value::is_null);
        let names_partitions = is_partitioned && (state.get("states").is_some() || state.get("state").is_some());
        if let Some(slices) = state.get("slices").filter(|_| !is_partitioned) {
            let is_range =
                |slice: &Value| ["start", "end"].iter().all(|end| slice.get(end).is_some_and(|end| !end.is_null()));
            let is_whole = slices.as_array().is_some_and(|slices| slices.iter().all(is_range));
            return if is_whole { Ok(()) } else { lacks("`slices`".to_owned()) };
        }
        if !names_partitions {
            return if is_null(state) { lacks(format!("`{}`", self.key)) } else { Ok(()) };
        }
        for key in ["state", "states"] {
            if state.get(key).is_some_and(Value::is_null) || state.get(key).is_some_and(is_null) {
                return lacks(format!("`{key}`"));
            }
        }
        let entries = state.get("states").and_then(Value::as_array).into_iter().flatten();
        for (number, entry) in entries.enumerate() {
            let place = format!("`states[{number}]`");
            match (entry.get("partition"), entry.get("cursor")) {
                (Some(_), Some(cursor)) if is_null(cursor) => return lacks(format!("the cursor of {place}")),
                (Some(_), Some(_)) => {}
                _ => return lacks(format!("the `partition` or the `cursor` of {place}")),
            }
        }
        Ok(())
    }

    /// What has been read if everything up to `position` has.
    pub(crate) fn resume_at(&self, position: Position) -> Progress {
        let start = self.start().filter(|start| start.order < position.order);
        let reached = match self.start() {
            Some(start) if start.order > position.order => start,
            _ => position,
        };
        let span = Span::new(start.unwrap_or_else(|| reached.clone()), reached.clone(), Some(reached));
        Progress { spans: vec![span], given: None }
    }

    /// The position in a state.
    ///
    /// # Errors
    /// A value in no known format is a config error.
    pub(crate) fn state_position(&self, value: &Value) -> Result<Position> {
        self.position(value.to_string().as_bytes()).ok_or_else(|| {
            Error::config(format!("the state's `{}` is {value}, which is no value of this cursor", self.key))
                .with_detail(STATE_ADVICE)
        })
    }

    fn resume_slices(&self, slices: &[Value]) -> Result<Progress> {
        let mut spans = Vec::with_capacity(slices.len());
        for slice in slices {
            let (Some(start), Some(end)) = (slice.get("start"), slice.get("end")) else { continue };
            let newest = slice.get("most_recent_cursor_value").filter(|value| !value.is_null());
            let newest = newest.map(|value| self.state_position(value)).transpose()?;
            spans.push(Span::new(self.state_position(start)?, self.state_position(end)?, newest));
        }
        if spans.is_empty() {
            return Ok(self.fresh());
        }
        Ok(Progress::of(spans, self))
    }

    /// Follows another field, which the catalog names.
    pub(crate) fn follow(&mut self, key: &str) {
        self.path = JsonPath::from_segments([key]);
        key.clone_into(&mut self.key);
    }

    /// What has been read when there is no state.
    pub(crate) fn fresh(&self) -> Progress {
        let spans =
            self.start().map(|start| Span::new(start.clone(), start.clone(), Some(start))).into_iter().collect();
        Progress { spans, given: None }
    }

    /// The position so long before another.
    pub(crate) fn before(&self, position: &Position, lookback: Duration) -> Position {
        match &self.scale {
            Scale::Time(scale) => {
                let earlier = scale.moment(position).and_then(|moment| lookback.subtract_from(moment));
                earlier.map_or_else(|| position.clone(), |moment| scale.position(moment))
            }
            Scale::Count { .. } => position.clone(),
        }
    }

    fn start(&self) -> Option<Position> {
        match &self.scale {
            Scale::Time(scale) => scale.start.map(|start| scale.position(start)),
            Scale::Count { start } => Some(count(*start)),
        }
    }

    /// The windows still to be read, up to `now` unless the cursor has an end of its own.
    /// `runtime_lookback` is added to the configured one, for partitions that start from a global cursor.
    pub(crate) fn windows(&self, progress: &Progress, now: Moment, runtime_lookback: Option<Duration>) -> Windows {
        match &self.scale {
            Scale::Count { .. } => {
                let start = progress.spans.last().map_or_else(|| count(0), |span| span.end.clone());
                let end = Position { order: i128::MAX, text: String::new() };
                Windows { open: Some(Window { start, end, until: i128::MAX }), ..Windows::default() }
            }
            Scale::Time(scale) => scale.windows(progress, now, runtime_lookback),
        }
    }

    /// The same for a read that begins: what it reads once more, at the end of what was read and within the lookback,
    /// counts again when it was. Without that, a later window that ends first would cover a first one that fails.
    pub(crate) fn open(&self, progress: &mut Progress, now: Moment, runtime_lookback: Option<Duration>) -> Windows {
        let windows = self.windows(progress, now, runtime_lookback);
        if let (Scale::Time(scale), Some(from)) = (&self.scale, windows.again) {
            progress.reopen(scale.asked_for(from));
        }
        windows
    }

    /// Whether its values are instants.
    pub(crate) fn has_dates(&self) -> bool {
        matches!(self.scale, Scale::Time(_))
    }

    /// The windows of a range, whatever has been read, and wherever the stream begins and ends. The range's end does not
    /// belong to it.
    pub(crate) fn windows_of(&self, start: Moment, end: Moment) -> Windows {
        match &self.scale {
            Scale::Time(scale) => scale.windows_of(start, end),
            Scale::Count { .. } => Windows::default(),
        }
    }

    /// What is read of a range, if windows that keep to the calendar leave out a part of it.
    pub(crate) fn part_of(&self, start: Moment, end: Moment) -> Option<(Moment, Moment)> {
        match &self.scale {
            Scale::Time(scale) => scale.part_of(start, end),
            Scale::Count { .. } => None,
        }
    }

    /// The same windows, but each of these ranges in one piece where it lies in them: it was asked for before.
    pub(crate) fn set_apart(&self, mut windows: Windows, apart: &[Interval]) -> Windows {
        if let Scale::Time(scale) = &self.scale {
            scale.set_apart(&mut windows, apart);
        }
        windows
    }

    /// The next of the windows.
    pub(crate) fn next_window(&self, windows: &mut Windows) -> Option<Window> {
        if let Some(window) = windows.open.take() {
            return Some(window);
        }
        let Scale::Time(scale) = &self.scale else { return None };
        scale.cut(&mut windows.ranges)
    }

    /// The two halves of a window; `None` if it cannot be split, or is not longer than `min`.
    pub(crate) fn halves(&self, window: &Window, min: Option<Duration>) -> Option<[Window; 2]> {
        match &self.scale {
            Scale::Time(scale) => scale.halves(window, min),
            Scale::Count { .. } => None,
        }
    }

    /// How many windows there are.
    pub(crate) fn count(&self, windows: &Windows) -> usize {
        let cut = match &self.scale {
            Scale::Time(scale) => windows.ranges.iter().map(|range| scale.count(range)).fold(0, usize::saturating_add),
            Scale::Count { .. } => 0,
        };
        cut.saturating_add(usize::from(windows.open.is_some()))
    }

    /// Whether the range is cut into windows.
    pub(crate) fn has_windows(&self) -> bool {
        matches!(&self.scale, Scale::Time(scale) if scale.step.is_some())
    }

    /// Reads everything in one window: an API that cannot be asked for the end of a window would send the rest of the
    /// stream for each of them.
    pub(crate) fn without_windows(mut self) -> Self {
        if let Scale::Time(scale) = &mut self.scale {
            scale.step = None;
        }
        self
    }

    /// The state of one partition; empty before anything is known. Unless all of it was read, a value that is newer than
    /// what was read does not count: windows in between are still open, or failed.
    pub(crate) fn state(&self, progress: &Progress, complete: bool) -> Map<String, Value> {
        let value = if complete { progress.value() } else { progress.safe_value() };
        value.map(|position| self.state_of(position)).unwrap_or_default()
    }

    /// The state that says: everything up to `position` has been read.
    pub(crate) fn state_of(&self, position: &Position) -> Map<String, Value> {
        let value = match &self.scale {
            Scale::Count { .. } => i64::try_from(position.order).map_or(Value::Null, Value::from),
            Scale::Time(_) => json!(position.text),
        };
        Map::from_iter([(self.key.clone(), value)])
    }

    /// The distance that still counts as touching, for merging.
    fn touches(&self, end: &Position, start: &Position) -> bool {
        match &self.scale {
            Scale::Time(scale) => end.order.saturating_add(scale.tolerance) >= start.order || scale.is_next(end, start),
            Scale::Count { .. } => end.order.saturating_add(1) >= start.order,
        }
    }
}

fn count(number: i64) -> Position {
    Position { order: i128::from(number), text: number.to_string() }
}

/// Whether two texts of one length differ in digits only: `T` and a space, and the `W` of a week, have no order.
fn has_digits_alike(a: &[u8], b: &[u8]) -> bool {
    // No way out before the end, so that many bytes are compared at once.
    a.iter().zip(b).fold(true, |alike, (a, b)| alike & ((a == b) | (a.is_ascii_digit() & b.is_ascii_digit())))
}

/// The zone designator at the end of a raw ISO 8601 value: values compare as text only within one zone.
fn zone(raw: &[u8]) -> &[u8] {
    let end = raw.len().saturating_sub(1);
    if end > 0 && raw.get(end - 1) == Some(&b'Z') {
        return raw.get(end - 1..end).unwrap_or_default();
    }
    raw.get(end.saturating_sub(6)..end).unwrap_or_default()
}
