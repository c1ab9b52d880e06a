//! A scale of instants: what is left to read of a range, and how it is cut into windows.

use std::collections::VecDeque;

use super::{Position, Progress, Window};
use crate::plan::slice::Interval;
use crate::time::{DateFormat, Duration, Moment};

const NANOS_PER_SECOND: i128 = 1_000_000_000;

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

/// The time since the end of a range, in nanoseconds, that is not worth a request of its own: a day.
const LEFT_FOR_LATER: i128 = 86_400_000_000_000;

/// A unit of the calendar that windows keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clamping {
    Day,
    /// Weeks that begin on this day, counted from Monday, which is 0.
    Week(i64),
    Month,
    Year,
}

/// The windows still to be read, made one by one: a short step in a long range gives millions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows {
    /// A window that is open at one of its ends.
    pub(super) open: Option<Window>,
    pub(super) ranges: VecDeque<Range>,
    /// Where the last range begins, if something before what is new is read once more, be it only its end.
    pub(super) again: Option<Moment>,
}

/// A range that is still to be read; both ends belong to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) from: Moment,
    pub(super) to: Moment,
    /// Whether it is one window, even if it is longer than a step: the step was longer when it was asked for, or the
    /// window began at noon, which its text does not say.
    is_whole: bool,
}

impl Range {
    fn in_steps((from, to): (Moment, Moment)) -> Self {
        Self { from, to, is_whole: false }
    }
}

impl TimeScale {
    pub(super) fn parse(&self, text: &str) -> Option<Moment> {
        self.formats.iter().find_map(|format| format.parse(text))
    }

    pub(super) fn position(&self, moment: Moment) -> Position {
        Position { order: moment.epoch_nanos(), text: self.format.format(moment) }
    }

    /// The position of a value that was read. A format without a zone writes the wall clock of a place, and one that
    /// counts from 1970 cuts off towards it: what is read of such a text may be later than the value, and a state that
    /// has it would pass records. It is written in UTC then, or a second earlier.
    pub(super) fn reached(&self, moment: Moment) -> Position {
        let is_late = |text: &str| self.format.parse(text).is_some_and(|read| read > moment);
        let position = self.position(moment);
        if !is_late(&position.text) {
            return position;
        }
        let utc = moment.to_utc().unwrap_or(moment);
        let earlier = [Some(utc), Duration::from_seconds(1).subtract_from(utc)].into_iter().flatten();
        let text = earlier.map(|moment| self.format.format(moment)).find(|text| !is_late(text));
        Position { text: text.unwrap_or(position.text), ..position }
    }

    /// The position as the API is asked for it. A format that leaves something out, or that has a zone of its own,
    /// means another instant than the one that was formatted, and that is what was read.
    pub(super) fn asked_for(&self, moment: Moment) -> Position {
        let position = self.position(moment);
        match self.parse(&position.text) {
            Some(meant) => Position { order: meant.epoch_nanos(), ..position },
            None => position,
        }
    }

    /// The order of the first value behind a moment: as the API is asked for it, and not before the moment is over.
    fn behind(&self, last: Moment) -> i128 {
        let next = self.granularity.add_to(last).unwrap_or(last);
        self.asked_for(next).order.max(last.epoch_nanos().saturating_add(1))
    }

    /// Where a window ends that is followed by the value `next`: all that the text of its end says counts as read.
    fn until(&self, end: &Position, next: i128) -> i128 {
        let own = self.moment(end).and_then(|end| self.granularity.add_to(end));
        own.map_or(next, |own| next.max(own.epoch_nanos()))
    }

    /// The instant, in the zone that the text has.
    pub(super) fn moment(&self, position: &Position) -> Option<Moment> {
        let instant = Moment::from_epoch_nanos(position.order);
        let written = self.parse(&position.text).filter(|written| Some(*written) == instant);
        written.or(instant)
    }

    /// Whether a value is one granule behind another, or less, by the calendar: months differ in length.
    pub(super) fn is_next(&self, end: &Position, start: &Position) -> bool {
        let next = self.moment(end).and_then(|end| self.granularity.add_to(end));
        next.is_some_and(|next| next.epoch_nanos() >= start.order)
    }

    pub(super) fn windows(&self, progress: &Progress, now: Moment, runtime_lookback: Option<Duration>) -> Windows {
        let end = self.end.unwrap_or(now);
        let (mut ranges, mut again) = (VecDeque::new(), None);
        let Some(last) = progress.spans.last() else {
            // No start and no state: one window that is open at its beginning.
            let start = Position { order: i128::MIN, text: String::new() };
            let (end, next) = (self.position(end), self.behind(end));
            let open = Window { start, until: self.until(&end, next), end };
            return Windows { open: Some(open), ..Windows::default() };
        };
        if let (Some(start), Some(first)) =
            (self.start, progress.spans.first().and_then(|span| self.moment(&span.start)))
            && start < first
        {
            // A start in the unit just before is asked for as that unit.
            ranges.push_back((start, self.granularity.subtract_from(first).unwrap_or(first).max(start)));
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
                again = Some((from, end));
            }
        }
        if let Some(clamping) = self.clamping {
            again = again.and_then(|range| self.clamp(clamping, range));
            ranges = ranges.into_iter().filter_map(|range| self.clamp(clamping, range)).collect();
        }
        let ranges = ranges.into_iter().map(Range::in_steps).collect();
        Windows { open: None, ranges, again: again.map(|(from, _)| from) }
    }

    pub(super) fn windows_of(&self, start: Moment, end: Moment) -> Windows {
        let range = match self.clamping {
            Some(clamping) => self.clamp(clamping, (start, end)),
            None => Some((start, self.granularity.subtract_from(end).unwrap_or(end).max(start))),
        };
        Windows { ranges: range.map(Range::in_steps).into_iter().collect(), ..Windows::default() }
    }

    /// The whole units of the calendar in a range whose end does not belong to it; `None` if nothing else is in it.
    pub(super) fn part_of(&self, start: Moment, end: Moment) -> Option<(Moment, Moment)> {
        let (from, last) = self.clamp(self.clamping?, (start, end))?;
        let to = self.granularity.add_to(last).unwrap_or(last);
        let is_less = from.epoch_nanos() > start.epoch_nanos() || to.epoch_nanos() < end.epoch_nanos();
        is_less.then_some((from, to))
    }

    /// Makes windows of these ranges, as far as they lie in what is still to be read.
    pub(super) fn set_apart(&self, windows: &mut Windows, apart: &[Interval]) {
        // A format of months asks for all of the month in which a range begins.
        let asked = |moment: Moment| self.asked_for(moment).order;
        for interval in apart {
            if let Some(open) = windows.open.as_mut().filter(|open| open.start.text == interval.start) {
                if let Some(end) = self.parse(&interval.end) {
                    open.end = Position { order: end.epoch_nanos(), text: interval.end.clone() };
                }
                continue;
            }
            let (Some(first), Some(last)) = (self.parse(&interval.start), self.parse(&interval.end)) else { continue };
            let (start, end) = (first.epoch_nanos(), last.epoch_nanos());
            let around = |range: &Range| asked(range.from) <= start && end <= asked(range.to) && start <= end;
            let Some(at) = windows.ranges.iter().position(around) else { continue };
            let Some(Range { from, to, .. }) = windows.ranges.remove(at) else { continue };
            let before = Range::in_steps((from, self.granularity.subtract_from(first).unwrap_or(first).max(from)));
            let after = Range::in_steps((self.granularity.add_to(last).unwrap_or(last), to));
            let whole = Range { from: first, to: last, is_whole: true };
            // A range that is shorter than a step ended when its read began; what is newer can wait for the next read.
            let is_cut = self.step.and_then(|step| step.add_to(first)).is_some_and(|next| next <= after.from);
            let is_long = to.epoch_nanos().saturating_sub(end) > LEFT_FOR_LATER;
            let has_rest = last < to && after.from <= to && (is_cut || is_long);
            // From the last to the first, since each goes to the same place.
            for (is_part, range) in [(has_rest, after), (true, whole), (asked(from) < start, before)] {
                if is_part {
                    windows.ranges.insert(at, range);
                }
            }
        }
    }

    /// Moves the start of a range up, and its end down, to the unit of the calendar; `None` if nothing is left.
    pub(super) fn clamp(&self, clamping: Clamping, (from, to): (Moment, Moment)) -> Option<(Moment, Moment)> {
        let floor = |moment: Moment| {
            let day = moment.civil().date();
            let day = match clamping {
                Clamping::Day => day,
                Clamping::Week(first) => {
                    let since = (i64::from(day.weekday().to_monday_zero_offset()) - first).rem_euclid(7);
                    day.checked_sub(jiff::Span::new().days(since)).ok()?
                }
                Clamping::Month => day.first_of_month(),
                Clamping::Year => day.first_of_year(),
            };
            Moment::from_civil(day.at(0, 0, 0, 0), moment.offset_seconds())
        };
        let next = |moment: Moment| {
            let span = match clamping {
                Clamping::Day => jiff::Span::new().days(1),
                Clamping::Week(_) => jiff::Span::new().weeks(1),
                Clamping::Month => jiff::Span::new().months(1),
                Clamping::Year => jiff::Span::new().years(1),
            };
            Moment::from_civil(moment.civil().checked_add(span).ok()?, moment.offset_seconds())
        };
        let lowest = floor(from)?;
        let start = if lowest == from { from } else { next(lowest)? };
        let end = self.granularity.subtract_from(floor(to)?)?;
        (start <= end).then_some((start, end))
    }

    /// The two halves of a window, which meet one granule apart, or share a bound where the values have no granules;
    /// `None` for a window that is as short as can be.
    pub(super) fn halves(&self, window: &Window, min: Option<Duration>) -> Option<[Window; 2]> {
        let span = window.end.order.checked_sub(window.start.order).filter(|span| *span > 0)?;
        if min.is_some_and(|min| span <= min.approximate_nanos()) {
            return None;
        }
        let start = self.moment(&window.start)?;
        let after = |nanos: i128| {
            let civil = start.civil().checked_add(jiff::SignedDuration::try_from_nanos_i128(nanos)?).ok()?;
            Some(self.asked_for(Moment::from_civil(civil, start.offset_seconds())?))
        };
        let (first_end, second_start) = match self.granularity.to_std() {
            Some(granule) => {
                let granule = i128::try_from(granule.as_nanos()).ok()?;
                let unit = if granule > 0 { granule } else { NANOS_PER_SECOND };
                let units = (span / unit + i128::from(granule > 0)) / 2;
                let first_end = (units > 0).then_some(units * unit - granule)?;
                (after(first_end)?, after(first_end + granule)?)
            }
            // Months differ in length, so the second half begins with the one after the middle.
            None => {
                let first_end = after(span / 2)?;
                let next = self.asked_for(self.granularity.add_to(self.moment(&first_end)?)?);
                (first_end, Some(next).filter(|next| next.order <= window.end.order)?)
            }
        };
        let until = self.until(&first_end, second_start.order);
        let first = Window { start: window.start.clone(), end: first_end, until };
        let second = Window { start: second_start, ..window.clone() };
        Some([first, second])
    }

    /// How many windows [`cut`](Self::cut) makes of a range. Those of a second are far too many to be made for that, so
    /// only those of months and years are.
    pub(super) fn count(&self, range: &Range) -> usize {
        match self.step.filter(|_| !range.is_whole) {
            _ if range.from > range.to => 0,
            None => 1,
            Some(step) => match step.steps_between(range.from, range.to) {
                Some(steps) => usize::try_from(steps).unwrap_or(usize::MAX),
                None => {
                    let mut ranges = VecDeque::from([*range]);
                    std::iter::from_fn(|| self.cut(&mut ranges)).count()
                }
            },
        }
    }

    /// Cuts the next window of `step` off the ranges; it ends one granule before the next begins.
    pub(super) fn cut(&self, ranges: &mut VecDeque<Range>) -> Option<Window> {
        loop {
            let Range { from: lower, to, is_whole } = *ranges.front()?;
            let step = self.step.filter(|_| !is_whole);
            let next = step.and_then(|step| step.add_to(lower)).filter(|next| *next > lower && *next < to);
            match (next, ranges.front_mut()) {
                (Some(next), Some(range)) => range.from = next,
                _ => drop(ranges.pop_front()),
            }
            if lower <= to {
                let upper = next.and_then(|next| self.granularity.subtract_from(next)).unwrap_or(to);
                let (start, end) = (self.asked_for(lower), self.asked_for(upper.max(lower)));
                let next = next.map_or_else(|| self.behind(to), |next| self.asked_for(next).order);
                return Some(Window { start, until: self.until(&end, next), end });
            }
        }
    }
}
