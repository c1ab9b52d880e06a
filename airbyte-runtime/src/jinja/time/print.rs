//! How Python prints times.

use jiff::civil;

use super::{MICROS_PER_DAY, MICROS_PER_SECOND, Time};

/// How far a time of day is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// Microseconds if there are any, otherwise seconds.
    Auto,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
    Microseconds,
}

impl Time {
    /// `str`.
    pub(in crate::jinja) fn text(&self) -> String {
        match self {
            Self::Datetime { .. } => self.iso(" ", Precision::Auto),
            Self::Date(_) | Self::Clock(_) => self.iso("T", Precision::Auto),
            Self::Delta(micros) => delta(*micros),
            Self::Duration { years, months, micros } => {
                let mut parts = Vec::new();
                if *years != 0 {
                    parts.push(format!("{years} years"));
                }
                if *months != 0 {
                    parts.push(format!("{months} {}", if *months <= 1 { "month" } else { "months" }));
                }
                parts.push(delta(*micros));
                parts.join(", ")
            }
            Self::Zone(0) => "UTC".to_owned(),
            Self::Zone(seconds) => format!("UTC{}", offset(*seconds, ":")),
        }
    }

    /// `repr`.
    pub(in crate::jinja) fn repr(&self) -> String {
        match self {
            Self::Datetime { moment, aware } => {
                let civil = moment.civil();
                let micros = civil.subsec_nanosecond() / 1_000;
                let mut parts = vec![
                    civil.year().to_string(),
                    civil.month().to_string(),
                    civil.day().to_string(),
                    civil.hour().to_string(),
                    civil.minute().to_string(),
                ];
                if civil.second() != 0 || micros != 0 {
                    parts.push(civil.second().to_string());
                }
                if micros != 0 {
                    parts.push(micros.to_string());
                }
                if *aware {
                    parts.push(format!("tzinfo={}", Self::Zone(moment.offset_seconds()).repr()));
                }
                format!("datetime.datetime({})", parts.join(", "))
            }
            Self::Date(date) => format!("datetime.date({}, {}, {})", date.year(), date.month(), date.day()),
            Self::Clock(clock) => {
                let micros = clock.subsec_nanosecond() / 1_000;
                let mut parts = vec![clock.hour().to_string(), clock.minute().to_string()];
                if clock.second() != 0 || micros != 0 {
                    parts.push(clock.second().to_string());
                }
                if micros != 0 {
                    parts.push(micros.to_string());
                }
                format!("datetime.time({})", parts.join(", "))
            }
            Self::Delta(micros) => {
                let parts = [
                    ("days", micros.div_euclid(MICROS_PER_DAY)),
                    ("seconds", micros.rem_euclid(MICROS_PER_DAY) / MICROS_PER_SECOND),
                    ("microseconds", micros.rem_euclid(MICROS_PER_SECOND)),
                ];
                let given: Vec<_> = parts
                    .iter()
                    .filter(|(_, amount)| *amount != 0)
                    .map(|(name, amount)| format!("{name}={amount}"))
                    .collect();
                format!("datetime.timedelta({})", if given.is_empty() { "0".to_owned() } else { given.join(", ") })
            }
            Self::Duration { years, months, micros } => format!(
                "isodate.duration.Duration({}, {}, {}, years={years}, months={months})",
                micros.div_euclid(MICROS_PER_DAY),
                micros.rem_euclid(MICROS_PER_DAY) / MICROS_PER_SECOND,
                micros.rem_euclid(MICROS_PER_SECOND),
            ),
            Self::Zone(0) => "datetime.timezone.utc".to_owned(),
            Self::Zone(seconds) => {
                format!("datetime.timezone({})", Self::Delta(i128::from(*seconds) * MICROS_PER_SECOND).repr())
            }
        }
    }

    /// ISO 8601 with the separator between date and time.
    pub(super) fn iso(&self, separator: &str, precision: Precision) -> String {
        match self {
            Self::Datetime { moment, aware } => {
                let civil = moment.civil();
                let offset = if *aware { offset(moment.offset_seconds(), ":") } else { String::new() };
                format!("{}{separator}{}{offset}", date(civil.date()), clock(civil.time(), precision))
            }
            Self::Date(day) => date(*day),
            Self::Clock(time) => clock(*time, precision),
            other => other.text(),
        }
    }
}

fn date(date: civil::Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

fn clock(time: civil::Time, precision: Precision) -> String {
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let micros = time.subsec_nanosecond() / 1_000;
    match precision {
        Precision::Hours => format!("{hour:02}"),
        Precision::Minutes => format!("{hour:02}:{minute:02}"),
        Precision::Milliseconds => format!("{hour:02}:{minute:02}:{second:02}.{:03}", micros / 1_000),
        Precision::Auto if micros != 0 => format!("{hour:02}:{minute:02}:{second:02}.{micros:06}"),
        Precision::Microseconds => format!("{hour:02}:{minute:02}:{second:02}.{micros:06}"),
        Precision::Auto | Precision::Seconds => format!("{hour:02}:{minute:02}:{second:02}"),
    }
}

/// `1 day, 2:03:04.000005`.
fn delta(micros: i128) -> String {
    let days = micros.div_euclid(MICROS_PER_DAY);
    let rest = micros.rem_euclid(MICROS_PER_DAY);
    let seconds = rest / MICROS_PER_SECOND;
    let clock = format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let clock = match rest % MICROS_PER_SECOND {
        0 => clock,
        fraction => format!("{clock}.{fraction:06}"),
    };
    match days {
        0 => clock,
        1 | -1 => format!("{days} day, {clock}"),
        _ => format!("{days} days, {clock}"),
    }
}

/// `+02:00`, with seconds if there are any.
pub(super) fn offset(seconds: i32, separator: &str) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let mut out = format!("{sign}{:02}{separator}{:02}", seconds / 3600, seconds / 60 % 60);
    if !seconds.is_multiple_of(60) {
        out.push_str(&format!("{separator}{:02}", seconds % 60));
    }
    out
}
