//! Dates as a number since 1970.

use super::Moment;

/// What a date that is a number counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum EpochUnit {
    Seconds,
    FloatSeconds,
    Millis,
    Micros,
}

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const NANOS_PER_MILLI: i128 = 1_000_000;
const NANOS_PER_MICRO: i128 = 1_000;
const MICROS_PER_SECOND: f64 = 1e6;

impl EpochUnit {
    pub(super) const fn from_token(format: &str) -> Option<Self> {
        match format.as_bytes() {
            b"%s" => Some(Self::Seconds),
            b"%s_as_float" => Some(Self::FloatSeconds),
            b"%ms" => Some(Self::Millis),
            b"%epoch_microseconds" => Some(Self::Micros),
            _ => None,
        }
    }

    /// Python's `int` and `float` accept white space around the number, and so does this.
    pub(super) fn parse(self, text: &str) -> Option<Moment> {
        let text = text.trim();
        let nanos = match self {
            Self::FloatSeconds => float_nanos(text.parse().ok()?)?,
            Self::Seconds | Self::Millis | Self::Micros => i128::from(text.parse::<i64>().ok()?) * self.nanos(),
        };
        Moment::from_epoch_nanos(nanos)
    }

    /// Whole units are cut off towards 1970, as Python's `int` does.
    pub(super) fn format(self, moment: Moment) -> String {
        let nanos = moment.epoch_nanos();
        match self {
            Self::FloatSeconds => float_text(nanos / NANOS_PER_MICRO),
            Self::Seconds | Self::Millis | Self::Micros => (nanos / self.nanos()).to_string(),
        }
    }

    fn nanos(self) -> i128 {
        match self {
            Self::Seconds | Self::FloatSeconds => NANOS_PER_SECOND,
            Self::Millis => NANOS_PER_MILLI,
            Self::Micros => NANOS_PER_MICRO,
        }
    }
}

/// Rounds to the nearest microsecond, half to even, as Python does to get rid of the noise of binary fractions.
fn float_nanos(seconds: f64) -> Option<i128> {
    if !seconds.is_finite() {
        return None;
    }
    let whole = seconds.trunc();
    let micros = ((seconds - whole) * MICROS_PER_SECOND).round_ties_even();
    // The casts saturate, and no saturated value is a date.
    Some((whole as i64 as i128) * NANOS_PER_SECOND + (micros as i128) * NANOS_PER_MICRO)
}

/// The shortest text for the `f64` next to the exact number of seconds, which a division of two `f64` could miss.
fn float_text(micros: i128) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let micros = micros.unsigned_abs();
    let exact = format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    match exact.parse::<f64>() {
        Ok(seconds) => format!("{seconds:?}"),
        Err(_) => exact,
    }
}
