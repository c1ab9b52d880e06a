//! Dates and timestamps without quotes, and the ISO 8601 text that Python makes of them.

use std::fmt::Write as _;

/// A date or timestamp as written; whether the day exists is not asked yet.
pub(super) struct Stamp {
    year: u32,
    month: u32,
    day: u32,
    /// Whether month and day have two digits each.
    full: bool,
    time: Option<Time>,
}

struct Time {
    hour: u32,
    minute: u32,
    second: u32,
    microsecond: u32,
    /// Minutes east of UTC.
    offset: Option<i32>,
}

/// Reads `2020-1-2`, `2020-01-02T03:04:05.6Z`, `2020-01-02 3:04:05 +02:00` and the like.
pub(super) fn read(text: &str) -> Option<Stamp> {
    let mut rest = text;
    let year = digits(&mut rest, 4, 4)?;
    literal(&mut rest, '-')?;
    let month = digits(&mut rest, 1, 2)?;
    literal(&mut rest, '-')?;
    let day = digits(&mut rest, 1, 2)?;
    let full = text.len() - rest.len() == 10;
    let time = if rest.is_empty() { None } else { Some(time(rest)?) };
    Some(Stamp { year, month, day, full, time })
}

fn time(mut rest: &str) -> Option<Time> {
    if literal(&mut rest, 'T').is_none() && literal(&mut rest, 't').is_none() {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        if trimmed.len() == rest.len() {
            return None;
        }
        rest = trimmed;
    }
    let hour = digits(&mut rest, 1, 2)?;
    literal(&mut rest, ':')?;
    let minute = digits(&mut rest, 2, 2)?;
    literal(&mut rest, ':')?;
    let second = digits(&mut rest, 2, 2)?;
    let mut microsecond = 0;
    if literal(&mut rest, '.').is_some() {
        let end = rest.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(rest.len());
        let (fraction, after) = rest.split_at(end);
        rest = after;
        for place in 0..6 {
            microsecond = microsecond * 10 + fraction.as_bytes().get(place).map_or(0, |digit| u32::from(digit - b'0'));
        }
    }
    let offset = match rest.trim_start_matches([' ', '\t']) {
        "" if rest.is_empty() => None,
        "Z" => Some(0),
        zone => Some(offset(zone)?),
    };
    Some(Time { hour, minute, second, microsecond, offset })
}

/// `+2`, `-02`, `+02:30`.
fn offset(mut zone: &str) -> Option<i32> {
    let sign = if literal(&mut zone, '-').is_some() { -1 } else { literal(&mut zone, '+').map(|()| 1)? };
    let hours = digits(&mut zone, 1, 2)?;
    let minutes = match zone {
        "" => 0,
        _ => {
            literal(&mut zone, ':')?;
            digits(&mut zone, 2, 2)?
        }
    };
    if !zone.is_empty() {
        return None;
    }
    i32::try_from(hours * 60 + minutes).ok().map(|minutes| sign * minutes)
}

fn literal(rest: &mut &str, wanted: char) -> Option<()> {
    *rest = rest.strip_prefix(wanted)?;
    Some(())
}

/// Between `least` and `most` digits, as many as there are.
fn digits(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (number, after) = rest.split_at_checked(count)?;
    *rest = after;
    number.parse().ok()
}

impl Stamp {
    /// Whether it is one without a tag: a day alone needs all its digits.
    pub(super) fn is_implicit(&self) -> bool {
        self.full || self.time.is_some()
    }

    /// The text in ISO 8601; none if there is no such day or time.
    pub(super) fn iso(&self) -> Option<String> {
        let Self { year, month, day, .. } = *self;
        if year == 0 || day == 0 || day > days(year, month)? {
            return None;
        }
        let mut text = format!("{year:04}-{month:02}-{day:02}");
        let Some(time) = &self.time else { return Some(text) };
        let Time { hour, minute, second, microsecond, offset } = *time;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let _ = write!(text, "T{hour:02}:{minute:02}:{second:02}");
        if microsecond > 0 {
            let _ = write!(text, ".{microsecond:06}");
        }
        if let Some(offset) = offset {
            // Python has no zone that is a day or more away.
            if offset.abs() >= 24 * 60 {
                return None;
            }
            let sign = if offset < 0 { '-' } else { '+' };
            let _ = write!(text, "{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60);
        }
        Some(text)
    }
}

/// The days of a month; none if there is no such month.
fn days(year: u32, month: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}
