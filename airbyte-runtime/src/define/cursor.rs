//! `cursor = …`: the field that orders records in time, and how the API is asked for a range of it.
//!
//! | form | the cursor is |
//! |---|---|
//! | [`datetime(field, …)`](datetime) | a date or an instant, read in windows |
//! | [`integer(field, …)`](integer) | a number that grows, such as an id |
//! | [`content_hash(field, …)`](content_hash) | none: only records that are new or have changed are written |

use std::marker::PhantomData;

use super::inject::{Inject, inject_methods, require_duration};
use crate::rules::text::{Text, same};
use crate::time::{Duration, FormatKind, check_format};

/// A record field that may be a cursor, with what its Rust type says about its text.
#[derive(Clone, Copy, Debug)]
pub struct CursorField {
    pub(crate) key: &'static str,
    pub(crate) kind: CursorKind,
}

/// What values of a cursor field look like in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorKind {
    /// Text in a format that only the attribute knows.
    Text,
    /// An RFC 3339 instant.
    Timestamp,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// A whole number.
    Integer,
    /// A number that may have a fraction.
    Number,
}

/// A type whose values have an order that a cursor can follow.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a stream cursor",
    label = "not an ordered cursor type",
    note = "a cursor field is a `String`, an integer, a float, a `Timestamp` or a `Date`",
    note = "an `Option` has no order for `None`: make the field required, or drop `cursor = …`"
)]
pub trait CursorType {
    /// What its values look like in a record.
    const KIND: CursorKind;
}

macro_rules! cursor_types {
    ($($kind:ident: $($ty:ty),+;)+) => { $($(#[diagnostic::do_not_recommend] impl CursorType for $ty { const KIND: CursorKind = CursorKind::$kind; })+)+ };
}

cursor_types! {
    Text: String, Box<str>;
    Timestamp: jiff::Timestamp;
    Date: jiff::civil::Date;
    Integer: i8, i16, i32, i64, u8, u16, u32, u64;
    Number: f32, f64;
}

/// The field of type `T` that holds the cursor, by its JSON key.
#[must_use]
pub const fn cursor_field<T: CursorType>(key: &'static str) -> CursorField {
    let _ = PhantomData::<T>;
    CursorField { key, kind: T::KIND }
}

/// What an attribute says of a cursor.
#[derive(Clone, Copy, Debug)]
pub enum CursorDef {
    /// See [`datetime`].
    Datetime(Datetime),
    /// See [`integer`].
    Integer(Integer),
    /// See [`content_hash`].
    ContentHash(ContentHash),
}

/// A date or an instant: `datetime(updated_at, start = config.start_date, start_param = "since", step = "P30D")`.
///
/// The range from `start` (or the state) to `end` (or now) is cut into windows of `step`;
/// the bounds of a window go where `start_param` and `end_param` say, or stand in templates as
/// `{interval.start}` and `{interval.end}`.
#[must_use]
pub const fn datetime(field: CursorField) -> Datetime {
    Datetime {
        field,
        start: None,
        end: None,
        format: None,
        formats: &[],
        step: None,
        granularity: None,
        lookback: None,
        start_option: None,
        end_option: None,
        client_side: false,
        limits: Limits::NONE,
        clamping: None,
        week_start: None,
        sorted: None,
        global: false,
        catalog_defined: false,
    }
}

/// Windows and a first sync that begin and end with a day; see [`Datetime::clamping`].
pub const DAY: Unit = Unit::Day;
/// The same with a week, which begins on the day that `week_start` says.
pub const WEEK: Unit = Unit::Week;
/// The same with a month.
pub const MONTH: Unit = Unit::Month;
/// The same with a year.
pub const YEAR: Unit = Unit::Year;

/// A unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// From midnight to midnight.
    Day,
    /// Seven days.
    Week,
    /// From the first of a month.
    Month,
    /// From the first of January.
    Year,
}

/// Monday, for [`Datetime::week_start`].
pub const MONDAY: Weekday = Weekday(0);
/// Tuesday.
pub const TUESDAY: Weekday = Weekday(1);
/// Wednesday.
pub const WEDNESDAY: Weekday = Weekday(2);
/// Thursday.
pub const THURSDAY: Weekday = Weekday(3);
/// Friday.
pub const FRIDAY: Weekday = Weekday(4);
/// Saturday.
pub const SATURDAY: Weekday = Weekday(5);
/// Sunday.
pub const SUNDAY: Weekday = Weekday(6);

/// A day of the week, counted from Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekday(pub(crate) i64);

/// Records come oldest first; see [`Datetime::sorted`].
pub const ASCENDING: Sorted = Sorted::Ascending;
/// Records come newest first.
pub const DESCENDING: Sorted = Sorted::Descending;

/// The order in which an API sends its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    /// By the cursor, the lowest value first.
    Ascending,
    /// By the cursor, the greatest value first.
    Descending,
}

/// The earliest and the latest that the two ends of a range may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) start_min: Option<&'static str>,
    pub(crate) start_max: Option<&'static str>,
    pub(crate) end_min: Option<&'static str>,
    pub(crate) end_max: Option<&'static str>,
}

impl Limits {
    const NONE: Self = Self { start_min: None, start_max: None, end_min: None, end_max: None };
}

/// See [`datetime`].
#[derive(Clone, Copy, Debug)]
pub struct Datetime {
    pub(crate) field: CursorField,
    pub(crate) start: Option<&'static str>,
    pub(crate) end: Option<&'static str>,
    pub(crate) format: Option<&'static str>,
    pub(crate) formats: &'static [&'static str],
    pub(crate) step: Option<Duration>,
    pub(crate) granularity: Option<Duration>,
    pub(crate) lookback: Option<Duration>,
    pub(crate) start_option: Option<Inject>,
    pub(crate) end_option: Option<Inject>,
    pub(crate) client_side: bool,
    pub(crate) limits: Limits,
    pub(crate) clamping: Option<Unit>,
    pub(crate) week_start: Option<Weekday>,
    pub(crate) sorted: Option<Sorted>,
    pub(crate) global: bool,
    pub(crate) catalog_defined: bool,
}

impl Datetime {
    /// Where the first sync starts: `config.start_date`, a text such as `"2020-01-01"`, or so long before the sync
    /// begins: `"now-P30D"`.
    #[must_use]
    #[track_caller]
    pub const fn start(mut self, template: &'static str) -> Self {
        require_bound("`start`", template);
        self.start = Some(template);
        self
    }

    /// The earliest that `start` may be, for an API that keeps its data only so long: `"now-P2Y"`.
    #[must_use]
    #[track_caller]
    pub const fn start_min(mut self, template: &'static str) -> Self {
        require_bound("`start_min`", template);
        self.limits.start_min = Some(template);
        self
    }

    /// The latest that `start` may be.
    #[must_use]
    #[track_caller]
    pub const fn start_max(mut self, template: &'static str) -> Self {
        require_bound("`start_max`", template);
        self.limits.start_max = Some(template);
        self
    }

    /// Where every sync ends; now, if it is not set. `"now-P1D"` leaves out what is still in the making.
    #[must_use]
    #[track_caller]
    pub const fn end(mut self, template: &'static str) -> Self {
        require_bound("`end`", template);
        self.end = Some(template);
        self
    }

    /// The earliest that `end` may be.
    #[must_use]
    #[track_caller]
    pub const fn end_min(mut self, template: &'static str) -> Self {
        require_bound("`end_min`", template);
        self.limits.end_min = Some(template);
        self
    }

    /// The latest that `end` may be.
    #[must_use]
    #[track_caller]
    pub const fn end_max(mut self, template: &'static str) -> Self {
        require_bound("`end_max`", template);
        self.limits.end_max = Some(template);
        self
    }

    /// Reads whole units of the calendar only: the range begins with the first whole one and ends with the last.
    /// `DAY`, `WEEK`, `MONTH` or `YEAR`. For reports, whose numbers of a day change until the day is over.
    #[must_use]
    pub const fn clamping(mut self, unit: Unit) -> Self {
        self.clamping = Some(unit);
        self
    }

    /// The day on which a week of `clamping = WEEK` begins; Monday, if it is not set.
    #[must_use]
    pub const fn week_start(mut self, day: Weekday) -> Self {
        self.week_start = Some(day);
        self
    }

    /// The order in which the API sends its records, by this field.
    ///
    /// `DESCENDING`: no further page is asked for once one ends below the state, and what is older is dropped, so that
    /// an API without a filter is read incrementally. `ASCENDING`: the state moves with every page, so that a sync that
    /// is stopped goes on from its last page. If the records turn out not to be in that order, the rest of the slice is
    /// read as if it had none, and a warning says so.
    #[must_use]
    pub const fn sorted(mut self, order: Sorted) -> Self {
        self.sorted = Some(order);
        self
    }

    /// One state for all partitions together: small, whatever their number. It moves once all of them have been read.
    #[must_use]
    pub const fn global(mut self, enabled: bool) -> Self {
        self.global = enabled;
        self
    }

    /// The catalog may name another field of the record as the cursor, with values in the same format; see
    /// [`datetime`].
    #[must_use]
    pub const fn allow_catalog_defined_cursor_field(mut self, allowed: bool) -> Self {
        self.catalog_defined = allowed;
        self
    }

    /// How the API writes and expects the cursor, in Python's `strptime` directives, `%s` (epoch seconds) or `%ms`.
    /// ISO 8601 if it is not set.
    #[must_use]
    #[track_caller]
    pub const fn format(mut self, format: &'static str) -> Self {
        require_format("this `format`", format, self.field.kind);
        self.format = Some(format);
        self
    }

    /// Further formats in which records may hold the cursor, tried in order before `format`.
    #[must_use]
    #[track_caller]
    pub const fn formats(mut self, formats: &'static [&'static str]) -> Self {
        let mut at = 0;
        while at < formats.len() {
            require_format("an entry of `formats`", formats[at], self.field.kind);
            at += 1;
        }
        self.formats = formats;
        self
    }

    /// The length of a window as an ISO 8601 duration: `"P30D"`.
    #[must_use]
    #[track_caller]
    pub const fn step(mut self, duration: &'static str) -> Self {
        let step = require_duration("`step`", duration);
        assert!(
            !step.is_zero(),
            "a `step` of no length would never reach the end\nhelp: write a length, e.g. `step = \"P30D\"`"
        );
        self.step = Some(step);
        self
    }

    /// The smallest difference between two cursor values, so that windows do not overlap: `"PT1S"`, `"P1D"`.
    /// It is that of the format if it is not set: a day for dates, a second or a millisecond for epochs. Windows of
    /// ISO 8601 instants, which may have any fraction, share their bounds then; `"PT0S"` makes all windows do so, for
    /// an API whose ranges do not include their end.
    #[must_use]
    #[track_caller]
    pub const fn granularity(mut self, duration: &'static str) -> Self {
        self.granularity = Some(require_duration("`granularity`", duration));
        self
    }

    /// How far before the state a sync starts again, for records that appear late: `"P3D"`.
    #[must_use]
    #[track_caller]
    pub const fn lookback(mut self, duration: &'static str) -> Self {
        self.lookback = Some(require_duration("`lookback`", duration));
        self
    }

    /// The API has no filter: everything is read, and records outside the range are dropped here.
    #[must_use]
    pub const fn client_side(mut self, enabled: bool) -> Self {
        self.client_side = enabled;
        self
    }

    inject_methods!(start_option, "start of the window", start_param, start_header, start_body, start_form);
    inject_methods!(end_option, "end of the window", end_param, end_header, end_body, end_form);

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> CursorDef {
        if matches!(self.field.kind, CursorKind::Integer | CursorKind::Number) && self.format.is_none() {
            panic!(
                "the cursor is a number, and `datetime` does not know its unit\nhelp: add `format = \"%s\"` for epoch seconds or `format = \"%ms\"` for milliseconds, or use `integer(…)`"
            );
        }
        if self.step.is_some() && self.start.is_none() {
            panic!(
                "`step` cuts a range into windows, but the range has no start\nhelp: add `start = config.start_date`, or a fixed `start = \"2020-01-01\"`"
            );
        }
        if let (Some(step), Some(granularity)) = (self.step, self.granularity) {
            assert!(
                granularity.approximate_nanos() <= step.approximate_nanos(),
                "`granularity` is larger than `step`\nhelp: a window must hold at least one value: make `step` larger or `granularity` smaller"
            );
        }
        if self.start.is_none() && (self.limits.start_min.is_some() || self.limits.start_max.is_some()) {
            panic!(
                "`start_min` and `start_max` bound a `start` that is not there\nhelp: add `start = config.start_date`, or write the bound itself as `start`"
            );
        }
        if self.end.is_none() && self.limits.end_min.is_some() {
            panic!(
                "`end_min` bounds an `end` that is not there\nhelp: add `end = config.end_date`; without it the range ends now"
            );
        }
        if self.week_start.is_some() && !matches!(self.clamping, Some(Unit::Week)) {
            panic!(
                "`week_start` says how weeks are counted, but nothing counts weeks\nhelp: add `clamping = WEEK`, or take it out"
            );
        }
        if matches!(self.sorted, Some(Sorted::Descending)) {
            if self.step.is_some() {
                panic!(
                    "`sorted = DESCENDING` stops where the state is, and `step` would ask for each window from the newest record on\nhelp: take `step` out"
                );
            }
            if self.client_side {
                panic!("`sorted = DESCENDING` drops what is outside of the range anyway\nhelp: take `client_side` out");
            }
        }
        CursorDef::Datetime(self)
    }
}

/// A number that grows: `integer(id, start_param = "since_id")`.
///
/// One request range, from the state (or `start`) on; the number goes where `start_param` says, or stands in a
/// template as `{interval.start}`.
#[must_use]
pub const fn integer(field: CursorField) -> Integer {
    Integer { field, start: 0, start_option: None, client_side: false, sorted: None, catalog_defined: false }
}

/// See [`integer`].
#[derive(Clone, Copy, Debug)]
pub struct Integer {
    pub(crate) field: CursorField,
    pub(crate) start: i64,
    pub(crate) start_option: Option<Inject>,
    pub(crate) client_side: bool,
    pub(crate) sorted: Option<Sorted>,
    pub(crate) catalog_defined: bool,
}

impl Integer {
    /// The number that the first sync starts with: 0 if it is not set.
    #[must_use]
    pub const fn start(mut self, number: i64) -> Self {
        self.start = number;
        self
    }

    /// The API has no filter: everything is read, and records before the state are dropped here.
    #[must_use]
    pub const fn client_side(mut self, enabled: bool) -> Self {
        self.client_side = enabled;
        self
    }

    /// The order in which the API sends its records; see [`Datetime::sorted`].
    #[must_use]
    pub const fn sorted(mut self, order: Sorted) -> Self {
        self.sorted = Some(order);
        self
    }

    /// The catalog may name another whole number of the record as the cursor.
    #[must_use]
    pub const fn allow_catalog_defined_cursor_field(mut self, allowed: bool) -> Self {
        self.catalog_defined = allowed;
        self
    }

    inject_methods!(start_option, "number to start from", start_param, start_header, start_body, start_form);

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> CursorDef {
        assert!(
            matches!(self.field.kind, CursorKind::Integer),
            "`integer` needs a field of an integer type\nhelp: use `datetime(…)` for dates and instants"
        );
        if matches!(self.sorted, Some(Sorted::Descending)) && self.client_side {
            panic!("`sorted = DESCENDING` drops what is before the state anyway\nhelp: take `client_side` out");
        }
        CursorDef::Integer(self)
    }
}

/// For an API that says nothing about changes: everything is read, and a record is written only if it is new or has
/// changed since the last sync. `content_hash(id, ignore = [views])`.
///
/// `field` names a record within its partition; changes of the fields in `ignore` do not count. The state holds a hash
/// of each record, of 131,072 records at most; records beyond that are written by every sync.
#[must_use]
pub const fn content_hash(field: CursorField) -> ContentHash {
    ContentHash { field, ignore: &[] }
}

/// See [`content_hash`].
#[derive(Clone, Copy, Debug)]
pub struct ContentHash {
    pub(crate) field: CursorField,
    pub(crate) ignore: &'static [&'static str],
}

impl ContentHash {
    /// Fields that change without anybody having changed the record, such as a count of views.
    #[must_use]
    #[track_caller]
    pub const fn ignore(mut self, fields: &'static [&'static str]) -> Self {
        let mut at = 0;
        while at < fields.len() {
            if same(fields[at], self.field.key) {
                let text = Text::new()
                    .push("`")
                    .push(fields[at])
                    .push("` names the record, so it cannot be ignored\nhelp: take it out of `ignore`");
                panic!("{}", text.as_str());
            }
            at += 1;
        }
        self.ignore = fields;
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> CursorDef {
        CursorDef::ContentHash(self)
    }
}

impl CursorDef {
    /// The cursor field of the record.
    pub(crate) const fn field(&self) -> CursorField {
        match self {
            Self::Datetime(cursor) => cursor.field,
            Self::Integer(cursor) => cursor.field,
            Self::ContentHash(cursor) => cursor.field,
        }
    }
}

/// Refuses `now-…` without an ISO 8601 duration. Any other text is a date, or a template of one.
#[track_caller]
const fn require_bound(key: &str, template: &str) {
    if let Some(Relative::Mistaken(duration)) = relative(template) {
        require_duration(key, duration);
    }
}

/// A bound that is counted from the beginning of the sync.
pub(crate) enum Relative<'t> {
    Before(Duration),
    /// What stands in the place of a duration.
    Mistaken(&'t str),
}

/// What `now` or `now-P30D` says; `None` for any other text.
pub(crate) const fn relative(template: &str) -> Option<Relative<'_>> {
    let (head, rest) = match template.split_at_checked(3) {
        Some(parts) => parts,
        None => return None,
    };
    if !same(head, "now") {
        return None;
    }
    let duration = match rest.split_at_checked(1) {
        None => return Some(Relative::Before(Duration::from_seconds(0))),
        Some((sign, duration)) if same(sign, "-") => duration,
        Some(_) => return Some(Relative::Mistaken(rest)),
    };
    Some(match Duration::parse(duration) {
        Ok(duration) => Relative::Before(duration),
        Err(_) => Relative::Mistaken(duration),
    })
}

#[track_caller]
const fn require_format(key: &str, format: &str, kind: CursorKind) {
    let found = match check_format(format) {
        Ok(found) => found,
        Err(problem) => {
            let rest = format.len() - problem.at;
            let width = if rest < 2 { rest } else { 2 };
            let text = Text::new().push(key).push(" cannot be used").excerpt(format, problem.at, width);
            panic!("{}", text.push("\nhelp: ").push(problem.what).as_str());
        }
    };
    match (kind, found) {
        (CursorKind::Integer | CursorKind::Number, FormatKind::Epoch)
        | (CursorKind::Text, _)
        | (CursorKind::Timestamp, FormatKind::DateTime { .. })
        | (CursorKind::Date, FormatKind::DateOnly) => {}
        (CursorKind::Integer | CursorKind::Number, _) => {
            panic!(
                "this format is text, but the cursor field is a number\nhelp: `%s` reads epoch seconds, `%ms` milliseconds"
            )
        }
        (CursorKind::Timestamp, _) => {
            panic!(
                "a `Timestamp` field holds RFC 3339 text, which this format cannot parse\nhelp: leave `format` out, write one such as \"%Y-%m-%dT%H:%M:%SZ\", or make the field a `String`"
            )
        }
        (CursorKind::Date, _) => {
            panic!(
                "a `Date` field holds `YYYY-MM-DD`, which this format cannot parse\nhelp: leave `format` out, or make the field a `String`"
            )
        }
    }
}
