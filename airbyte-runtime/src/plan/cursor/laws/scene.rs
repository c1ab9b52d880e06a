//! Random cursors, and APIs for them: what they hold, how they write it, and which of it they send for a window.

use std::ops::RangeInclusive;

use super::super::tests::with_scale;
use super::super::{Cursor, Order, Position, Scale, TimeScale, Window};
use super::dice::Dice;
use crate::time::{DateFormat, Duration, Moment};

/// Formats of cursors, each with the smallest difference between two of its values. None is for the format of
/// attributes that name none.
const FORMATS: [(Option<&str>, &str); 22] = [
    (None, "PT0.000001S"),
    (Some("%s"), "PT1S"),
    (Some("%ms"), "PT0.001S"),
    (Some("%epoch_microseconds"), "PT0.000001S"),
    (Some("%s_as_float"), "PT0.000001S"),
    (Some("%Y-%m-%d"), "P1D"),
    (Some("%Y%m%d"), "P1D"),
    (Some("%d/%m/%Y"), "P1D"),
    (Some("%Y-%j"), "P1D"),
    (Some("%G-W%V-%u"), "P1D"),
    (Some("%d %B %Y"), "P1D"),
    (Some("%Y-%m"), "P1M"),
    (Some("%Y"), "P1Y"),
    (Some("%Y-%m-%dT%H"), "PT1H"),
    (Some("%Y-%m-%dT%H:%M"), "PT1M"),
    (Some("%Y-%m-%dT%H:%M:%SZ"), "PT1S"),
    (Some("%Y-%m-%d %H:%M:%S"), "PT1S"),
    (Some("%Y-%m-%dT%H:%M:%S%z"), "PT1S"),
    (Some("%Y-%m-%dT%H:%M:%S.%f%z"), "PT0.000001S"),
    (Some("%Y-%m-%dT%H:%M:%S.%_msZ"), "PT0.001S"),
    (Some("%m/%d/%Y %I:%M:%S %p"), "PT1S"),
    (Some("%c"), "PT1S"),
];

/// Other spellings of a record's value, all with more of it than most cursors write.
const SPELLINGS: [&str; 4] =
    ["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f %z", "%a, %d %b %Y %H:%M:%S %z"];

/// Days on which calendars and clocks do something: leap days, ends of years, changes of summer time, 1970.
const DAYS: [&str; 14] = [
    "2024-02-28T00:00:00Z",
    "2023-02-28T12:00:00Z",
    "2000-02-29T00:00:00Z",
    "2099-12-31T00:00:00Z",
    "1899-12-31T00:00:00Z",
    "2024-12-31T23:59:59Z",
    "2024-01-31T00:00:00Z",
    "2024-03-10T01:59:59Z",
    "2024-03-31T00:30:00Z",
    "2024-10-27T00:59:59Z",
    "2024-11-03T05:59:59Z",
    "1970-01-01T00:00:00Z",
    "1969-12-31T23:59:58Z",
    "2020-12-28T00:00:00Z",
];

const STEPS: [&str; 10] = ["PT1S", "PT1M", "PT1H", "P1D", "P7D", "P10D", "P1M", "P3M", "P1Y", "P30DT12H"];
const ZONES: [i32; 8] = [0, 0, 3600, 7200, -18_000, 20_700, -34_200, 50_400];

/// A cursor and the API that it asks.
pub(crate) struct Scene {
    pub(crate) cursor: Cursor,
    /// The smallest difference between two of the API's values.
    pub(crate) unit: Duration,
    /// Where the API's data begin.
    pub(crate) from: Moment,
    /// How far apart records are, about.
    pub(crate) stride: i128,
    /// What the API holds.
    pub(crate) records: Vec<Record>,
    /// The end of every range that is read now.
    pub(crate) now: Moment,
    spellings: Vec<DateFormat>,
    /// Whether values may lie beyond the range that is read.
    has_future: bool,
    /// Whether the API sends everything for each window, and the records are filtered here.
    pub(crate) is_filtered_here: bool,
}

/// A record, by what the API knows of it and by what it shows.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// What the API's filters compare.
    pub(crate) key: i128,
    /// What its cursor field holds, as JSON; nothing, or nothing that can be read, for some.
    pub(crate) shown: Option<String>,
    pub(crate) is_read: bool,
}

impl Scene {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let (format, unit) = dice.pick(&FORMATS);
        let compiled = format.map_or(DateFormat::iso8601(), |format| DateFormat::new(format).expect("a format"));
        let unit = duration(unit);
        // A step that is much shorter than the unit, or than the lookback, makes millions of windows.
        let step = (!dice.one_in(3)).then(|| duration(dice.pick(&STEPS)));
        let step = step.filter(|step| step.approximate_nanos() >= unit.approximate_nanos() / 3);
        // The wall clock of another place is hours away, which are thousands of windows of a second.
        let is_short = step.is_some_and(|step| step.approximate_nanos() < 60_000_000_000);
        let spellings: Vec<DateFormat> = if dice.one_in(2) || is_short {
            Vec::new()
        } else {
            SPELLINGS.iter().map(|format| DateFormat::new(format).expect("a format")).collect()
        };
        let length = step.map_or(unit, |step| longer(step, unit)).approximate_nanos();
        let stride = (length / i128::from(1 + dice.below(4))).max(unit.approximate_nanos());
        let day = DateFormat::iso8601().parse(dice.pick(&DAYS)).expect("a day");
        let zone = if format.is_some_and(|format| format.contains("%z")) { dice.pick(&ZONES) } else { 0 };
        let from = Moment::from_epoch_nanos(day.epoch_nanos() + i128::from(dice.below(1000)) * 1_000_000_007_000);
        let from = in_zone(on_grid(&compiled, from.expect("a moment")), zone);
        // A finer granularity than the format's asks for more than is needed, and a coarser one is a mistake.
        let granularity = match dice.below(4) {
            0 => duration("PT0S"),
            1 if unit.approximate_nanos() > 1_000_000_000 => duration("PT1S"),
            _ => unit,
        };
        let is_manifest = dice.one_in(2);
        let formats = [spellings.as_slice(), std::slice::from_ref(&compiled)].concat();
        let scale = TimeScale {
            sortable: format.is_none() && spellings.is_empty(),
            formats,
            format: compiled,
            start: (!dice.one_in(6)).then_some(from),
            end: None,
            step,
            granularity,
            tolerance: if granularity.is_zero() && is_manifest { 1_000_000 } else { granularity.approximate_nanos() },
            // A read that does not begin again at its end is for APIs whose ends do not belong to the range.
            rereads_end: true,
            clamping: None,
            lookback: Some(duration(dice.pick(&STEPS))).filter(|back| back.approximate_nanos() <= 3 * length),
        };
        let order = if dice.one_in(4) { Order::Ascending } else { Order::Unknown };
        let cursor =
            Cursor { order, trusts_newer: is_manifest, compares_text: is_manifest, ..with_scale(Scale::Time(scale)) };
        let has_future = !is_manifest && order == Order::Unknown && dice.one_in(2);
        let mut scene = Self {
            cursor,
            unit,
            from,
            stride,
            records: Vec::new(),
            now: from,
            spellings,
            has_future,
            is_filtered_here: false,
        };
        scene.grow(dice);
        scene
    }

    pub(crate) fn scale(&self) -> &TimeScale {
        match &self.cursor.scale {
            Scale::Time(scale) => scale,
            Scale::Count { .. } => unreachable!("scenes have dates"),
        }
    }

    /// Time passes: the range that is read grows, and records come that are not older than what was read so far.
    pub(crate) fn grow(&mut self, dice: &mut Dice) {
        let since = self.now;
        for _ in 0..dice.below(7) {
            let ahead = self.stride * i128::from(dice.below(2001)) / 1000;
            // Several records may share their instant, and one may stand on a bound.
            let moment = if dice.one_in(3) { self.now } else { self.later(ahead) };
            let record = self.record(dice, moment);
            self.records.push(record);
            self.now = self.now.max(moment);
        }
        self.now = self.later(if dice.one_in(3) { 0 } else { self.stride });
        debug_assert!(since <= self.now);
        dice.shuffle(&mut self.records);
    }

    fn later(&self, nanos: i128) -> Moment {
        let moment = Moment::from_epoch_nanos(self.now.epoch_nanos() + nanos).expect("a moment");
        in_zone(on_grid(&self.scale().format, moment), self.from.offset_seconds()).max(self.now)
    }

    fn record(&self, dice: &mut Dice, moment: Moment) -> Record {
        let key = moment.epoch_nanos();
        let raw = match dice.below(12) {
            0 if self.cursor.order == Order::Unknown => return Record { key, shown: None, is_read: false },
            1 if self.cursor.order == Order::Unknown => "\"soon\"".to_owned(),
            2 if self.cursor.order == Order::Unknown => "null".to_owned(),
            3 if self.has_future => {
                self.spell(dice, Moment::from_epoch_nanos(key + 400 * self.stride).unwrap_or(moment))
            }
            _ => self.spell(dice, moment),
        };
        Record { key, shown: Some(raw), is_read: false }
    }

    /// The value as a record shows it: in any of the formats, in any zone, and perhaps with more decimals than the
    /// API's filters compare.
    fn spell(&self, dice: &mut Dice, moment: Moment) -> String {
        let next = self.unit.add_to(moment).map_or(moment.epoch_nanos() + 1000, Moment::epoch_nanos);
        let micros = (next - moment.epoch_nanos()) / 1000;
        let more = i128::from(dice.next()) % micros * 1000;
        match Moment::from_epoch_nanos(moment.epoch_nanos() + more) {
            Some(finer) if dice.one_in(2) => self.write(dice, finer, moment),
            _ => self.write(dice, moment, moment),
        }
    }

    /// The first in one of the richer spellings, or the second in the cursor's own.
    pub(crate) fn write(&self, dice: &mut Dice, finer: Moment, moment: Moment) -> String {
        if !self.spellings.is_empty() && dice.one_in(2) {
            let format = &self.spellings[dice.below(self.spellings.len() as u64) as usize];
            let text = format.format(in_zone(finer, dice.pick(&ZONES)));
            // One without decimals may be another instant.
            if format.parse(&text).is_some_and(|read| read == finer) {
                return format!("\"{text}\"");
            }
        }
        let text = self.scale().format.format(in_zone(moment, self.from.offset_seconds()));
        let is_number = text.parse::<f64>().is_ok() && self.scale().format.as_str().starts_with("%s");
        if is_number && dice.one_in(2) { text } else { format!("\"{text}\"") }
    }

    /// Which records the API sends for a window, by their first and last keys: it understands the bounds as they are
    /// written.
    pub(crate) fn sent(&self, window: &Window) -> RangeInclusive<i128> {
        let bound = |position: &Position, open: i128| match position.text.as_str() {
            "" => open,
            text => self.scale().format.parse(text).map_or(-open, Moment::epoch_nanos),
        };
        bound(&window.start, i128::MIN + 1)..=bound(&window.end, i128::MAX)
    }

    /// The value that a record shows, if it can be read.
    pub(crate) fn order(&self, record: &Record) -> Option<i128> {
        self.cursor.order_of(record.shown.as_ref()?.as_bytes())
    }

    /// Whether a record comes with a window.
    pub(crate) fn comes(&self, window: &Window, record: &Record) -> bool {
        match self.is_filtered_here {
            true => self.order(record).is_none_or(|order| !window.excludes(order)),
            false => self.sent(window).contains(&record.key),
        }
    }

    /// Whether a record is among those that are sent for any of the windows.
    pub(crate) fn is_sent(sent: &[RangeInclusive<i128>], record: &Record) -> bool {
        sent.iter().any(|sent| sent.contains(&record.key))
    }

    /// All windows that are still to be read.
    pub(crate) fn windows(&self, progress: &mut super::super::Progress) -> Vec<Window> {
        let mut windows = self.cursor.open(progress, self.now, None);
        let count = self.cursor.count(&windows);
        let all: Vec<Window> = std::iter::from_fn(|| self.cursor.next_window(&mut windows)).collect();
        assert_eq!(all.len(), count, "`count` miscounts");
        all
    }
}

fn duration(text: &str) -> Duration {
    Duration::parse(text).expect("a duration")
}

fn longer(one: Duration, other: Duration) -> Duration {
    if one.approximate_nanos() < other.approximate_nanos() { other } else { one }
}

/// The value of the format that is not after the moment.
fn on_grid(format: &DateFormat, moment: Moment) -> Moment {
    let micros = moment.epoch_nanos().div_euclid(1000) * 1000;
    let moment = Moment::from_epoch_nanos(micros).expect("a moment");
    let written = format.parse(&format.format(moment)).expect("a format reads what it writes");
    if written <= moment { written } else { format.parse(&format.format(before(moment))).expect("the same") }
}

/// A second before.
fn before(moment: Moment) -> Moment {
    Moment::from_epoch_nanos(moment.epoch_nanos() - 1_000_000_000).expect("a moment")
}

pub(crate) fn in_zone(moment: Moment, offset: i32) -> Moment {
    let ahead = jiff::SignedDuration::from_secs(i64::from(offset));
    let utc = moment.to_utc().expect("a moment");
    let civil = utc.civil().checked_add(ahead).expect("a moment");
    Moment::from_civil(civil, offset).expect("a moment")
}
