//! ISO 8601 durations, checked at compile time where they stand in an attribute.

mod parse;
mod problem;

use std::fmt;

use jiff::{SignedDuration, Span};

use super::Moment;
pub use problem::DurationProblem;

/// A span of calendar months and exact time, written as `P1Y2M3DT4H5M6.5S` or `P1W`.
///
/// A year is twelve months, a week seven days, and a day 24 hours, since a moment's offset never changes.
/// Durations are equal if they mean the same: `P1Y` is `P12M`, and `P1D` is `PT24H`; but no number of days is a month.
///
/// ```
/// use airbyte_runtime::time::{DateFormat, Duration};
///
/// // A mistake in a constant is a mistake at compile time.
/// const STEP: Duration = match Duration::parse("P1M") {
///     Ok(step) => step,
///     Err(problem) => panic!("{}", problem.message()),
/// };
/// let format = DateFormat::new("%Y-%m-%d").unwrap();
/// let next = STEP.add_to(format.parse("2024-01-31").unwrap()).unwrap();
/// assert_eq!(format.format(next), "2024-02-29");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Duration {
    months: u32,
    nanos: i128,
}

const MONTHS_PER_YEAR: u32 = 12;
const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;
const WEEK: i128 = 7 * DAY;
const LAST_YEAR: i16 = 9999;

impl Duration {
    /// Reads the ISO 8601 form, also in constants.
    ///
    /// Units stand in descending order, each at most once, without a sign.
    /// The last amount may have decimals unless it counts years or months.
    pub const fn parse(text: &str) -> Result<Self, DurationProblem> {
        match parse::parse(text.as_bytes()) {
            Ok(duration) => Ok(duration),
            Err(reason) => Err(DurationProblem(reason)),
        }
    }

    /// So many seconds, which may be negative.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self { months: 0, nanos: seconds as i128 * SECOND }
    }

    /// Whether adding the duration changes nothing.
    pub const fn is_zero(&self) -> bool {
        self.months == 0 && self.nanos == 0
    }

    /// The length in nanoseconds if a year had 365 days and a month 30, to tell a longer duration from a shorter one.
    pub const fn approximate_nanos(&self) -> i128 {
        let years = (self.months / MONTHS_PER_YEAR) as i128;
        let months = (self.months % MONTHS_PER_YEAR) as i128;
        (years * 365 + months * 30) * DAY + self.nanos
    }

    /// The moment that much later, in the same offset; `None` outside the years 1 to 9999.
    ///
    /// Months come first and keep the day of the month, or take the month's last day if there is none such.
    pub fn add_to(self, moment: Moment) -> Option<Moment> {
        self.shift(moment, 1)
    }

    /// The moment that much earlier, by the rules of [`add_to`](Self::add_to).
    pub fn subtract_from(self, moment: Moment) -> Option<Moment> {
        self.shift(moment, -1)
    }

    /// The length as the standard library has it; `None` with years or months, whose length varies, or if negative.
    pub fn to_std(&self) -> Option<std::time::Duration> {
        if self.months != 0 {
            return None;
        }
        let seconds = u64::try_from(self.nanos.div_euclid(SECOND)).ok()?;
        let nanos = u32::try_from(self.nanos.rem_euclid(SECOND)).ok()?;
        Some(std::time::Duration::new(seconds, nanos))
    }

    /// How many of `from`, and what comes after it in steps of this duration, are before `to`; the first counts always.
    /// `None` where steps differ in length, or leave the years that there are.
    pub(crate) fn steps_between(self, from: Moment, to: Moment) -> Option<i128> {
        if self.months != 0 {
            return None;
        }
        let length = to.epoch_nanos() - from.epoch_nanos();
        if self.nanos <= 0 || length <= self.nanos {
            return Some(1);
        }
        // In the offset of `from`, a step may leave the years that there are shortly before `to`.
        let is_within = from.offset_seconds() == to.offset_seconds() || to.civil().year() < LAST_YEAR;
        self.add_to(from).filter(|_| is_within)?;
        Some((length - 1) / self.nanos + 1)
    }

    fn shift(self, moment: Moment, sign: i8) -> Option<Moment> {
        let mut civil = moment.civil();
        if self.months != 0 {
            let months = Span::new().try_months(i64::from(self.months) * i64::from(sign)).ok()?;
            civil = civil.checked_add(months).ok()?;
        }
        let exact = SignedDuration::try_from_nanos_i128(self.nanos * i128::from(sign))?;
        Moment::from_civil(civil.checked_add(exact).ok()?, moment.offset_seconds())
    }
}

/// Writes the ISO 8601 form with the largest units possible, as in `P1Y2M10DT2H30M`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("PT0S");
        }
        let days = self.nanos / DAY;
        let clock = self.nanos % DAY;
        f.write_str(if self.nanos < 0 { "-P" } else { "P" })?;
        write_amount(f, i128::from(self.months / MONTHS_PER_YEAR), 'Y')?;
        write_amount(f, i128::from(self.months % MONTHS_PER_YEAR), 'M')?;
        write_amount(f, days, 'D')?;
        if clock == 0 {
            return Ok(());
        }
        f.write_str("T")?;
        write_amount(f, clock / HOUR, 'H')?;
        write_amount(f, clock % HOUR / MINUTE, 'M')?;
        match (clock % MINUTE / SECOND, clock % SECOND) {
            (seconds, 0) => write_amount(f, seconds, 'S'),
            (seconds, nanos) => {
                let decimals = format!("{:09}", nanos.unsigned_abs());
                write!(f, "{}.{}S", seconds.unsigned_abs(), decimals.trim_end_matches('0'))
            }
        }
    }
}

fn write_amount(f: &mut fmt::Formatter<'_>, amount: i128, unit: char) -> fmt::Result {
    if amount == 0 { Ok(()) } else { write!(f, "{}{unit}", amount.unsigned_abs()) }
}

#[cfg(test)]
mod tests;
