//! Cursors: which range of a stream is still to be read, and how far it has been read, without I/O.
//!
//! What has been read is a sorted list of spans. A window that was read to its end is added and merged with its
//! neighbours; the state is the newest value of the first span only, so it never passes a gap of unread data.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::json::{JsonPath, string_value};
use crate::plan::request::Inject;
use crate::plan::slice::Interval;
use crate::time::{DateFormat, Duration, Moment};

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

/// What orders the records.
#[derive(Debug)]
pub(crate) enum Scale {
    /// Instants, in windows of `step`.
    Time(TimeScale),
    /// Numbers, from `start` on.
    Count { start: i64 },
}

#[derive(Debug)]
pub(crate) struct TimeScale {
    /// How bounds and states are written.
    pub(crate) format: DateFormat,
    /// How records may hold the value, tried in order.
    pub(crate) formats: Vec<DateFormat>,
    pub(crate) start: Option<Moment>,
    pub(crate) end: Option<Moment>,
    pub(crate) step: Option<Duration>,
    pub(crate) granularity: Duration,
    /// The distance in nanoseconds that still counts as touching, for merging what was read.
    pub(crate) tolerance: i128,
    /// Whether the end is read once more by a read that begins there.
    pub(crate) rereads_end: bool,
    /// Windows that begin and end with a unit of the calendar.
    pub(crate) clamping: Option<Clamping>,
    pub(crate) lookback: Option<Duration>,
    /// Whether the value is text whose order is that of its characters, as in ISO 8601.
    pub(crate) sortable: bool,
}

/// A unit of the calendar that windows keep to.
#[cfg_attr(not(feature = "manifest"), expect(dead_code, reason = "only manifests have it"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clamping {
    Day,
    /// Weeks that begin on this day, counted from Monday, which is 0.
    Week(i64),
    Month,
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
}

impl Window {
    fn clamp(&self, newest: Position) -> Position {
        let is_beyond = !self.end.text.is_empty() && newest.order > self.end.order;
        if is_beyond { self.end.clone() } else { newest }
    }

    pub(crate) fn interval(&self) -> Interval {
        Interval { start: self.start.text.clone(), end: self.end.text.clone() }
    }
}

/// The windows still to be read, made one by one: a short step in a long range gives millions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows {
    /// A window that is open at one of its ends.
    open: Option<Window>,
    /// Ranges to be cut by the cursor's step; both ends belong to them.
    ranges: VecDeque<(Moment, Moment)>,
}

/// How far one partition of a stream has been read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    spans: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq)]
struct Span {
    start: Position,
    end: Position,
    newest: Option<Position>,
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
        Some((first.0.epoch_nanos(), last.1.epoch_nanos()))
    }

    /// The value that a record holds, given the raw JSON of its cursor field.
    pub(crate) fn position(&self, raw: &[u8]) -> Option<Position> {
        let text = string_value(raw)?;
        match &self.scale {
            Scale::Count { .. } => text.parse::<i64>().ok().map(count),
            Scale::Time(scale) => scale.parse(&text).map(|moment| scale.position(moment)),
        }
    }

    /// The order of that value alone, which allocates nothing.
    pub(crate) fn order(&self, raw: &[u8]) -> Option<i128> {
        let text = string_value(raw)?;
        match &self.scale {
            Scale::Count { .. } => text.parse::<i64>().ok().map(i128::from),
            Scale::Time(scale) => scale.parse(&text).map(Moment::epoch_nanos),
        }
    }

    /// Whether the order of two raw values is that of their bytes, so that only the greatest has to be parsed.
    pub(crate) fn sorts_as_text(&self, a: &[u8], b: &[u8]) -> bool {
        match &self.scale {
            Scale::Time(scale) if scale.sortable => {
                a.len() == b.len() && a.first() == Some(&b'"') && zone(a) == zone(b)
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

    /// What has been read if everything up to `position` has.
    pub(crate) fn resume_at(&self, position: Position) -> Progress {
        let start = self.start().filter(|start| start.order < position.order);
        let reached = match self.start() {
            Some(start) if start.order > position.order => start,
            _ => position,
        };
        let span =
            Span { start: start.unwrap_or_else(|| reached.clone()), end: reached.clone(), newest: Some(reached) };
        Progress { spans: vec![span] }
    }

    /// The position in a state.
    ///
    /// # Errors
    /// A value in no known format is a config error.
    pub(crate) fn state_position(&self, value: &Value) -> Result<Position> {
        self.position(value.to_string().as_bytes()).ok_or_else(|| {
            Error::config(format!("the state's `{}` is {value}, which is no value of this cursor", self.key))
                .with_detail("give the connection a state that this stream wrote, or clear it to read everything again")
        })
    }

    fn resume_slices(&self, slices: &[Value]) -> Result<Progress> {
        let mut spans = Vec::with_capacity(slices.len());
        for slice in slices {
            let (Some(start), Some(end)) = (slice.get("start"), slice.get("end")) else { continue };
            let newest = slice.get("most_recent_cursor_value").filter(|value| !value.is_null());
            spans.push(Span {
                start: self.state_position(start)?,
                end: self.state_position(end)?,
                newest: newest.map(|value| self.state_position(value)).transpose()?,
            });
        }
        if spans.is_empty() {
            return Ok(self.fresh());
        }
        let mut progress = Progress { spans };
        progress.merge(self);
        Ok(progress)
    }

    /// What has been read when there is no state.
    pub(crate) fn fresh(&self) -> Progress {
        let spans = self
            .start()
            .map(|start| Span { start: start.clone(), end: start.clone(), newest: Some(start) })
            .into_iter()
            .collect();
        Progress { spans }
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
                Windows { open: Some(Window { start, end }), ranges: VecDeque::new() }
            }
            Scale::Time(scale) => scale.windows(progress, now, runtime_lookback),
        }
    }

    /// The next of the windows.
    pub(crate) fn next_window(&self, windows: &mut Windows) -> Option<Window> {
        if let Some(window) = windows.open.take() {
            return Some(window);
        }
        let Scale::Time(scale) = &self.scale else { return None };
        let (start, end) = scale.cut(&mut windows.ranges)?;
        Some(Window { start: scale.position(start), end: scale.position(end) })
    }

    /// How many windows there are.
    pub(crate) fn count(&self, windows: &Windows) -> usize {
        let mut ranges = windows.ranges.clone();
        let cut = match &self.scale {
            Scale::Time(scale) => std::iter::from_fn(|| scale.cut(&mut ranges)).count(),
            Scale::Count { .. } => 0,
        };
        cut + usize::from(windows.open.is_some())
    }

    /// Whether a value lies outside a window. Values between the window's end and the next one's start belong to it.
    pub(crate) fn is_outside(&self, order: i128, window: &Window) -> bool {
        let granule = match &self.scale {
            Scale::Time(scale) => scale.granularity.approximate_nanos(),
            Scale::Count { .. } => 0,
        };
        order < window.start.order || order >= window.end.order.saturating_add(granule.max(1))
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

    /// The state of one partition; empty before anything is known.
    pub(crate) fn state(&self, progress: &Progress) -> Map<String, Value> {
        progress.value().map(|position| self.state_of(position)).unwrap_or_default()
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
            Scale::Time(scale) => end.order.saturating_add(scale.tolerance) >= start.order,
            Scale::Count { .. } => end.order.saturating_add(1) >= start.order,
        }
    }
}

fn count(number: i64) -> Position {
    Position { order: i128::from(number), text: number.to_string() }
}

/// The zone designator at the end of a raw ISO 8601 value: values compare as text only within one zone.
fn zone(raw: &[u8]) -> &[u8] {
    let end = raw.len().saturating_sub(1);
    if end > 0 && raw.get(end - 1) == Some(&b'Z') {
        return raw.get(end - 1..end).unwrap_or_default();
    }
    raw.get(end.saturating_sub(6)..end).unwrap_or_default()
}

impl TimeScale {
    fn parse(&self, text: &str) -> Option<Moment> {
        self.formats.iter().find_map(|format| format.parse(text))
    }

    fn position(&self, moment: Moment) -> Position {
        Position { order: moment.epoch_nanos(), text: self.format.format(moment) }
    }

    fn moment(&self, position: &Position) -> Option<Moment> {
        Moment::from_epoch_nanos(position.order)
    }

    fn windows(&self, progress: &Progress, now: Moment, runtime_lookback: Option<Duration>) -> Windows {
        let end = self.end.unwrap_or(now);
        let mut ranges = VecDeque::new();
        let Some(last) = progress.spans.last() else {
            // No start and no state: one window that is open at its beginning.
            let start = Position { order: i128::MIN, text: String::new() };
            return Windows { open: Some(Window { start, end: self.position(end) }), ranges };
        };
        if let (Some(start), Some(first)) =
            (self.start, progress.spans.first().and_then(|span| self.moment(&span.start)))
            && start < first
        {
            ranges.push_back((start, self.granularity.subtract_from(first).unwrap_or(first)));
        }
        for pair in progress.spans.windows(2) {
            let [before, after] = pair else { continue };
            if let (Some(from), Some(to)) = (self.moment(&before.end), self.moment(&after.start)) {
                let from = self.granularity.add_to(from).unwrap_or(from);
                ranges.push_back((from, self.granularity.subtract_from(to).unwrap_or(to)));
            }
        }
        if let Some(reached) = self.moment(&last.end) {
            let mut from = reached;
            for lookback in [self.lookback, runtime_lookback].into_iter().flatten() {
                from = lookback.subtract_from(from).unwrap_or(from);
            }
            let floor = self.start.or_else(|| progress.spans.first().and_then(|span| self.moment(&span.start)));
            // Without a configured start, the lookback may go before the first known value.
            let from = if self.start.is_some() { floor.map_or(from, |floor| from.max(floor)) } else { from };
            if from < end || (from == end && self.rereads_end) {
                ranges.push_back((from, end));
            }
        }
        if let Some(clamping) = self.clamping {
            ranges = ranges.into_iter().filter_map(|range| self.clamp(clamping, range)).collect();
        }
        Windows { open: None, ranges }
    }

    /// Moves the start of a range up, and its end down, to the unit of the calendar; `None` if nothing is left.
    fn clamp(&self, clamping: Clamping, (from, to): (Moment, Moment)) -> Option<(Moment, Moment)> {
        let floor = |moment: Moment| {
            let day = moment.civil().date();
            let day = match clamping {
                Clamping::Day => day,
                Clamping::Week(first) => {
                    let since = (i64::from(day.weekday().to_monday_zero_offset()) - first).rem_euclid(7);
                    day.checked_sub(jiff::Span::new().days(since)).ok()?
                }
                Clamping::Month => day.first_of_month(),
            };
            Moment::from_civil(day.at(0, 0, 0, 0), moment.offset_seconds())
        };
        let next = |moment: Moment| {
            let span = match clamping {
                Clamping::Day => jiff::Span::new().days(1),
                Clamping::Week(_) => jiff::Span::new().weeks(1),
                Clamping::Month => jiff::Span::new().months(1),
            };
            Moment::from_civil(moment.civil().checked_add(span).ok()?, moment.offset_seconds())
        };
        let lowest = floor(from)?;
        let start = if lowest == from { from } else { next(lowest)? };
        let end = self.granularity.subtract_from(floor(to)?)?;
        (start <= end).then_some((start, end))
    }

    /// Cuts the next window of `step` off the ranges; it ends one granule before the next begins.
    fn cut(&self, ranges: &mut VecDeque<(Moment, Moment)>) -> Option<(Moment, Moment)> {
        loop {
            let (lower, to) = *ranges.front()?;
            let next = self.step.and_then(|step| step.add_to(lower)).filter(|next| *next > lower && *next < to);
            match (next, ranges.front_mut()) {
                (Some(next), Some(range)) => range.0 = next,
                _ => drop(ranges.pop_front()),
            }
            if lower <= to {
                let upper = next.and_then(|next| self.granularity.subtract_from(next)).unwrap_or(to);
                return Some((lower, upper.max(lower)));
            }
        }
    }
}

impl Progress {
    /// The value that the state shows: the newest of the first span, or its start.
    pub(crate) fn value(&self) -> Option<&Position> {
        self.spans.first().map(|span| span.newest.as_ref().unwrap_or(&span.start))
    }

    /// Takes a window that was read to its end; `newest` is the greatest value of its records.
    pub(crate) fn close(&mut self, cursor: &Cursor, window: &Window, newest: Option<Position>) {
        let newest = newest.map(|newest| cursor.reached(window, newest));
        let open_start = window.start.text.is_empty();
        if open_start && newest.is_none() {
            return;
        }
        let start = match (&newest, open_start) {
            (Some(newest), true) => newest.clone(),
            _ => window.start.clone(),
        };
        let end = match (&newest, window.end.text.is_empty()) {
            // The range of a counter is open; it was read up to the greatest number that came.
            (newest, true) => newest.clone().unwrap_or_else(|| start.clone()),
            (_, false) => window.end.clone(),
        };
        self.spans.push(Span { start, end, newest });
        self.merge(cursor);
    }

    fn merge(&mut self, cursor: &Cursor) {
        self.spans.sort_by_key(|a| (a.start.order, a.end.order));
        let mut merged: Vec<Span> = Vec::with_capacity(self.spans.len());
        for span in self.spans.drain(..) {
            match merged.last_mut() {
                Some(last) if cursor.touches(&last.end, &span.start) => {
                    if span.end.order > last.end.order {
                        last.end = span.end;
                    }
                    let newer = match (&last.newest, &span.newest) {
                        (Some(old), Some(new)) => new.order > old.order,
                        (None, Some(_)) => true,
                        (_, None) => false,
                    };
                    if newer {
                        last.newest = span.newest;
                    }
                }
                _ => merged.push(span),
            }
        }
        self.spans = merged;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(
        start: Option<&str>,
        end: &str,
        step: Option<&str>,
        granularity: &str,
        lookback: Option<&str>,
        format: &str,
    ) -> Cursor {
        let format = DateFormat::new(format).unwrap();
        let moment = |text: &str| format.parse(text).unwrap();
        let duration = |text: &str| Duration::parse(text).unwrap();
        let scale = TimeScale {
            formats: vec![format.clone()],
            start: start.map(moment),
            end: Some(moment(end)),
            step: step.map(duration),
            granularity: duration(granularity),
            tolerance: duration(granularity).approximate_nanos(),
            rereads_end: true,
            clamping: None,
            lookback: lookback.map(duration),
            sortable: true,
            format,
        };
        Cursor {
            key: "u".to_owned(),
            path: JsonPath::parse("u"),
            scale: Scale::Time(scale),
            start_option: None,
            end_option: None,
            record_range: RecordRange::Any,
            interval_keys: ("start_time".to_owned(), "end_time".to_owned()),
            trusts_newer: false,
            compares_text: false,
            global_only: false,
            added_values_start_fresh: true,
        }
    }

    fn all(cursor: &Cursor, progress: &Progress) -> Vec<Window> {
        let mut windows = cursor.windows(progress, Moment::now(), None);
        let expected = cursor.count(&windows);
        let all: Vec<Window> = std::iter::from_fn(|| cursor.next_window(&mut windows)).collect();
        assert_eq!(all.len(), expected);
        all
    }

    fn windows(cursor: &Cursor, state: Option<Value>) -> Vec<String> {
        let progress = cursor.resume(state.as_ref()).unwrap();
        let windows = all(cursor, &progress);
        windows.iter().map(|window| format!("{}..{}", &window.start.text[5..], &window.end.text[5..])).collect()
    }

    #[test]
    fn windows_are_those_of_the_python_cdk() {
        let day = |step| cursor(Some("2024-01-01"), "2024-02-15", step, "P1D", None, "%Y-%m-%d");
        assert_eq!(windows(&day(None), None), ["01-01..02-15"]);
        assert_eq!(
            windows(&day(Some("P10D")), None),
            ["01-01..01-10", "01-11..01-20", "01-21..01-30", "01-31..02-09", "02-10..02-15"]
        );
        assert_eq!(windows(&day(Some("P1M")), None), ["01-01..01-31", "02-01..02-15"]);
        assert_eq!(windows(&day(Some("P10D")), Some(json!({"u": "2024-02-01"}))), ["02-01..02-10", "02-11..02-15"]);
        assert_eq!(windows(&day(None), Some(json!({"u": "2023-01-01"}))), ["01-01..02-15"]);
        assert_eq!(windows(&day(None), Some(json!({"u": "2025-01-01"}))), Vec::<String>::new());
        assert_eq!(windows(&day(None), Some(json!({"u": "2024-02-15"}))), ["02-15..02-15"]);
        let back = cursor(Some("2024-01-01"), "2024-02-15", Some("P10D"), "P1D", Some("P5D"), "%Y-%m-%d");
        assert_eq!(windows(&back, Some(json!({"u": "2024-02-01"}))), ["01-27..02-05", "02-06..02-15"]);
        assert_eq!(windows(&back, Some(json!({"u": "2024-01-03"})))[0], "01-01..01-10");
    }

    #[test]
    fn gaps_are_read_before_the_tail() {
        let cursor = cursor(Some("2024-01-01"), "2024-02-15", Some("P10D"), "P1D", None, "%Y-%m-%d");
        let state = json!({"state_type": "date-range", "slices": [
            {"start": "2024-01-01", "end": "2024-01-10"},
            {"start": "2024-01-20", "end": "2024-01-25", "most_recent_cursor_value": "2024-01-24"},
        ]});
        assert_eq!(windows(&cursor, Some(state)), ["01-11..01-19", "01-25..02-03", "02-04..02-13", "02-14..02-15"]);
    }

    #[test]
    fn the_state_never_passes_a_gap() {
        let cursor = cursor(Some("2024-01-01"), "2024-01-31", Some("P10D"), "P1D", None, "%Y-%m-%d");
        let mut progress = cursor.resume(None).unwrap();
        let windows = all(&cursor, &progress);
        let at = |text: &str| cursor.position(format!("\"{text}\"").as_bytes());
        let state = |progress: &Progress| progress.value().unwrap().text.clone();
        assert_eq!(state(&progress), "2024-01-01");
        progress.close(&cursor, &windows[2], at("2024-01-25"));
        assert_eq!(state(&progress), "2024-01-01");
        progress.close(&cursor, &windows[0], at("2024-01-07"));
        assert_eq!(state(&progress), "2024-01-07");
        progress.close(&cursor, &windows[1], None);
        assert_eq!(state(&progress), "2024-01-25");
    }

    #[test]
    fn without_a_start_the_first_window_is_open() {
        let cursor = cursor(None, "2024-01-31", None, "P1D", None, "%Y-%m-%d");
        let mut progress = cursor.resume(None).unwrap();
        let windows = all(&cursor, &progress);
        assert_eq!(windows[0].interval(), Interval { start: String::new(), end: "2024-01-31".to_owned() });
        assert!(cursor.state(&progress).is_empty());
        progress.close(&cursor, &windows[0], cursor.position(b"\"2024-01-09\""));
        assert_eq!(Value::from(cursor.state(&progress)), json!({"u": "2024-01-09"}));
    }

    #[test]
    fn a_state_that_cannot_be_read_is_refused() {
        let cursor = cursor(Some("2024-01-01"), "2024-01-31", None, "P1D", None, "%Y-%m-%d");
        let error = cursor.resume(Some(&json!({"u": "yesterday"}))).unwrap_err();
        assert!(error.message().contains("\"yesterday\""), "{error}");
        assert_eq!(cursor.resume(Some(&json!({"__ab_no_cursor_state_message": true}))).unwrap(), cursor.fresh());
    }

    #[test]
    fn a_value_beyond_the_window_does_not_move_the_state_past_it() {
        let cursor = cursor(Some("2024-01-01"), "2024-01-31", None, "P1D", None, "%Y-%m-%d");
        let mut progress = cursor.resume(None).unwrap();
        let windows = all(&cursor, &progress);
        progress.close(&cursor, &windows[0], cursor.position(b"\"2099-01-01\""));
        assert_eq!(progress.value().unwrap().text, "2024-01-31");
    }

    #[test]
    fn without_granularity_windows_share_their_bounds() {
        let cursor = cursor(Some("2024-01-01"), "2024-01-25", Some("P10D"), "PT0S", None, "%Y-%m-%d");
        assert_eq!(windows(&cursor, None), ["01-01..01-11", "01-11..01-21", "01-21..01-25"]);
    }
}
