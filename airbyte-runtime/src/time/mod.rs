//! Instants, date formats, and durations, with the semantics of Python's `datetime` and `isodate`.
//!
//! Airbyte's low-code connectors spell dates with Python's `strptime` directives and steps with ISO 8601 durations.
//! Stored state has to read the same here and there, so the rules are Python's to the letter:
//! a date without an offset is UTC, and a date with one is written back in that offset.

mod calendar;
pub(crate) mod clock;
mod duration;
mod format;
mod moment;

#[cfg(feature = "manifest")]
pub(crate) use calendar::{MONTHS, WEEKDAYS};
pub(crate) use calendar::{digits, is_date};
pub use duration::{Duration, DurationProblem};
pub use format::{DateFormat, FormatKind, FormatProblem, check_format};
pub use moment::Moment;
