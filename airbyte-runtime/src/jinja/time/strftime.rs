//! `strftime` as Python calls the C library on Linux, in the C locale and with the system in UTC.

use jiff::civil::DateTime;

use super::Time;
use super::print::offset;
use crate::time::{MONTHS, WEEKDAYS};

/// A broken-down time with its offset, which a naive one and a date lack.
struct Moment {
    civil: DateTime,
    offset: Option<i32>,
}

/// Writes a date by a format; what is no directive stands in the result as it is.
pub(in crate::jinja) fn strftime(time: &Time, format: &str) -> String {
    let moment = match time {
        Time::Datetime { moment, aware } => {
            Moment { civil: moment.civil(), offset: aware.then_some(moment.offset_seconds()) }
        }
        Time::Date(date) => Moment { civil: DateTime::from(*date), offset: None },
        // Python fills in the first day of 1900.
        Time::Clock(clock) => {
            Moment { civil: DateTime::from_parts(jiff::civil::date(1900, 1, 1), *clock), offset: None }
        }
        Time::Delta(_) | Time::Duration { .. } | Time::Zone(_) => return format.to_owned(),
    };
    let mut out = String::with_capacity(format.len() * 2);
    moment.push(format, &mut out);
    out
}

impl Moment {
    fn push(&self, format: &str, out: &mut String) {
        let mut rest = format;
        while let Some((before, after)) = rest.split_once('%') {
            out.push_str(before);
            let flags = after.bytes().take_while(|byte| matches!(byte, b'-' | b'_' | b'0' | b'^' | b'#')).count();
            let (flag, directive) = after.split_at_checked(flags).unwrap_or(("", after));
            let Some(letter) = directive.chars().next() else {
                out.push('%');
                out.push_str(after);
                return;
            };
            rest = directive.get(letter.len_utf8()..).unwrap_or_default();
            if !self.push_directive(letter, flag, out) {
                out.push('%');
                out.push_str(flag);
                out.push(letter);
            }
        }
        out.push_str(rest);
    }

    /// Whether the letter is a directive.
    fn push_directive(&self, letter: char, flag: &str, out: &mut String) -> bool {
        let civil = self.civil;
        let weekday = civil.weekday();
        let week = |first: i8| (civil.day_of_year() + 6 - i16::from(first)) / 7;
        let hour12 = i64::from((civil.hour() + 11) % 12 + 1);
        let (value, width, pad) = match letter {
            'Y' => (i64::from(civil.year()), 1, '0'),
            'C' => (i64::from(civil.year() / 100), 2, '0'),
            'y' => (i64::from(civil.year() % 100), 2, '0'),
            'G' => (i64::from(civil.iso_week_date().year()), 1, '0'),
            'g' => (i64::from(civil.iso_week_date().year() % 100), 2, '0'),
            'm' => (i64::from(civil.month()), 2, '0'),
            'd' => (i64::from(civil.day()), 2, '0'),
            'e' => (i64::from(civil.day()), 2, ' '),
            'j' => (i64::from(civil.day_of_year()), 3, '0'),
            'H' => (i64::from(civil.hour()), 2, '0'),
            'k' => (i64::from(civil.hour()), 2, ' '),
            'I' => (hour12, 2, '0'),
            'l' => (hour12, 2, ' '),
            'M' => (i64::from(civil.minute()), 2, '0'),
            'S' => (i64::from(civil.second()), 2, '0'),
            'f' if flag.is_empty() => (i64::from(civil.subsec_nanosecond() / 1_000), 6, '0'),
            // The C library reads the wall clock as local time and ignores the offset.
            's' => (jiff::tz::Offset::UTC.to_timestamp(civil).map_or(0, |instant| instant.as_second()), 1, '0'),
            'u' => (i64::from(weekday.to_monday_one_offset()), 1, '0'),
            'w' => (i64::from(weekday.to_sunday_zero_offset()), 1, '0'),
            'U' => (i64::from(week(weekday.to_sunday_zero_offset())), 2, '0'),
            'W' => (i64::from(week(weekday.to_monday_zero_offset())), 2, '0'),
            'V' => (i64::from(civil.iso_week_date().week()), 2, '0'),
            _ => return self.push_text(letter, flag, out),
        };
        let digits = match (flag.chars().last(), pad) {
            (Some('-'), _) => value.to_string(),
            (Some('_'), _) | (None | Some('^' | '#'), ' ') => format!("{value:>width$}"),
            _ => format!("{value:0>width$}"),
        };
        out.push_str(&digits);
        true
    }

    fn push_text(&self, letter: char, flag: &str, out: &mut String) -> bool {
        let civil = self.civil;
        let name = |names: &'static [&'static str], at: i8| {
            usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
        };
        let month = name(&MONTHS, civil.month() - 1);
        let weekday = name(&WEEKDAYS, civil.weekday().to_monday_zero_offset());
        let half = if civil.hour() < 12 { "AM" } else { "PM" };
        let text = match letter {
            'B' => month.to_owned(),
            'b' | 'h' => month.chars().take(3).collect(),
            'A' => weekday.to_owned(),
            'a' => weekday.chars().take(3).collect(),
            'p' => half.to_owned(),
            'P' => half.to_lowercase(),
            'z' => self.offset.map(|seconds| offset(seconds, "")).unwrap_or_default(),
            'Z' => match self.offset {
                Some(0) => "UTC".to_owned(),
                Some(seconds) => format!("UTC{}", offset(seconds, ":")),
                None => String::new(),
            },
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            '%' => "%".to_owned(),
            composite => {
                let format = match composite {
                    'c' => "%a %b %e %H:%M:%S %Y",
                    'D' | 'x' => "%m/%d/%y",
                    'F' => "%Y-%m-%d",
                    'T' | 'X' => "%H:%M:%S",
                    'R' => "%H:%M",
                    'r' => "%I:%M:%S %p",
                    'v' => "%e-%b-%Y",
                    _ => return false,
                };
                self.push(format, out);
                return true;
            }
        };
        out.push_str(&if flag.contains('^') { text.to_uppercase() } else { text });
        true
    }
}
