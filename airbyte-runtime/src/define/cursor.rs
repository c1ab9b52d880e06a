//! `cursor = …`: the field that orders records in time, and how the API is asked for a range of it.
//!
//! | form | the cursor is |
//! |---|---|
//! | [`datetime(field, …)`](datetime) | a date or an instant, read in windows |
//! | [`integer(field, …)`](integer) | a number that grows, such as an id |

use std::marker::PhantomData;

use super::inject::{Inject, inject_methods, require_duration};
use crate::rules::text::Text;
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
    }
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
}

impl Datetime {
    /// Where the first sync starts: `config.start_date` or a text such as `"2020-01-01"`.
    #[must_use]
    pub const fn start(mut self, template: &'static str) -> Self {
        self.start = Some(template);
        self
    }

    /// Where every sync ends; now, if it is not set.
    #[must_use]
    pub const fn end(mut self, template: &'static str) -> Self {
        self.end = Some(template);
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
        CursorDef::Datetime(self)
    }
}

/// A number that grows: `integer(id, start_param = "since_id")`.
///
/// One request range, from the state (or `start`) on; the number goes where `start_param` says, or stands in a
/// template as `{interval.start}`.
#[must_use]
pub const fn integer(field: CursorField) -> Integer {
    Integer { field, start: 0, start_option: None, client_side: false }
}

/// See [`integer`].
#[derive(Clone, Copy, Debug)]
pub struct Integer {
    pub(crate) field: CursorField,
    pub(crate) start: i64,
    pub(crate) start_option: Option<Inject>,
    pub(crate) client_side: bool,
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

    inject_methods!(start_option, "number to start from", start_param, start_header, start_body, start_form);

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> CursorDef {
        assert!(
            matches!(self.field.kind, CursorKind::Integer),
            "`integer` needs a field of an integer type\nhelp: use `datetime(…)` for dates and instants"
        );
        CursorDef::Integer(self)
    }
}

impl CursorDef {
    /// The cursor field of the record.
    pub(crate) const fn field(&self) -> CursorField {
        match self {
            Self::Datetime(cursor) => cursor.field,
            Self::Integer(cursor) => cursor.field,
        }
    }
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
