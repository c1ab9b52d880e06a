//! ISO 8601 and RFC 3339: read leniently, written in one way.

use jiff::civil::{Date, DateTime, Time};

use super::Moment;
use super::write::{push_number, push_offset};

/// Reads `YYYY-MM-DD` or `YYYYMMDD`, perhaps with a time and an offset, or `YYYY-MM` or `YYYY`.
pub(super) fn parse(text: &str) -> Option<Moment> {
    let (date, rest) = read_date(text.as_bytes())?;
    let (time, rest) = match rest {
        [] => (Time::midnight(), rest),
        [b'T' | b't' | b' ', rest @ ..] => read_time(rest)?,
        _ => return None,
    };
    let offset_seconds = read_offset(rest)?;
    Moment::from_civil(DateTime::from_parts(date, time), offset_seconds)
}

/// Writes UTC; a moment whose UTC date would lie outside the years 1 to 9999 keeps its offset.
pub(super) fn format(moment: Moment) -> String {
    let utc = moment.to_utc();
    let civil = utc.unwrap_or(moment).civil();
    let mut out = String::with_capacity("2024-02-29T12:00:00.000000Z".len());
    if civil.year() < 0 {
        out.push('-');
    }
    push_number(u32::from(civil.year().unsigned_abs()), 4, &mut out);
    for (separator, value) in
        [('-', civil.month()), ('-', civil.day()), ('T', civil.hour()), (':', civil.minute()), (':', civil.second())]
    {
        out.push(separator);
        push_number(u32::from(value.unsigned_abs()), 2, &mut out);
    }
    match civil.subsec_nanosecond().unsigned_abs() / 1_000 {
        0 => {}
        micros if micros % 1_000 == 0 => {
            out.push('.');
            push_number(micros / 1_000, 3, &mut out);
        }
        micros => {
            out.push('.');
            push_number(micros, 6, &mut out);
        }
    }
    match utc {
        Some(_) => out.push('Z'),
        None => push_offset(moment.offset_seconds(), ":", &mut out),
    }
    out
}

fn read_date(text: &[u8]) -> Option<(Date, &[u8])> {
    let (year, rest) = read_number(text, 4)?;
    let (month, day, rest) = match rest {
        [] => (1, 1, rest),
        [b'-', rest @ ..] => match read_number(rest, 2)? {
            (month, []) => (month, 1, [].as_slice()),
            (month, [b'-', rest @ ..]) => {
                let (day, rest) = read_number(rest, 2)?;
                (month, day, rest)
            }
            _ => return None,
        },
        basic => {
            let (month, rest) = read_number(basic, 2)?;
            let (day, rest) = read_number(rest, 2)?;
            (month, day, rest)
        }
    };
    Some((Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?, rest))
}

/// Reads `HH`, `HH:MM`, `HH:MM:SS`, or the same without colons, and decimals of the seconds.
fn read_time(text: &[u8]) -> Option<(Time, &[u8])> {
    let (hour, rest) = read_number(text, 2)?;
    let colon = rest.starts_with(b":");
    let (minute, rest) = read_part(rest, colon)?;
    let (second, after) = read_part(rest, colon)?;
    let (nanos, rest) = if after.len() < rest.len() { read_decimals(after)? } else { (0, after) };
    // A leap second is read as the last second before it, since no clock of the platform shows it.
    let time = Time::new(i8::try_from(hour).ok()?, minute, if second == 60 { 59 } else { second }, nanos).ok()?;
    Some((time, rest))
}

/// Reads minutes or seconds, which may be left out.
fn read_part(text: &[u8], colon: bool) -> Option<(i8, &[u8])> {
    let digits = match text {
        [b':', digits @ ..] if colon => digits,
        [b'0'..=b'9', ..] if !colon => text,
        _ => return Some((0, text)),
    };
    let (value, rest) = read_number(digits, 2)?;
    Some((i8::try_from(value).ok()?, rest))
}

/// Reads decimals as nanoseconds and drops what is finer.
fn read_decimals(text: &[u8]) -> Option<(i32, &[u8])> {
    let [b'.' | b',', digits @ ..] = text else { return Some((0, text)) };
    let (mut rest, mut nanos, mut unit) = (digits, 0, 1_000_000_000);
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        unit /= 10;
        nanos += i32::from(digit - b'0') * unit;
        rest = tail;
    }
    (rest.len() < digits.len()).then_some((nanos, rest))
}

/// Reads `Z`, `+HH`, `+HHMM`, or `+HH:MM` to the end; nothing is UTC.
fn read_offset(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, rest) = read_number(digits, 2)?;
    let (minutes, rest) = read_part(rest, rest.starts_with(b":"))?;
    let valid = rest.is_empty() && hours < 24 && minutes < 60;
    valid.then(|| sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60))
}

fn read_number(text: &[u8], length: usize) -> Option<(i16, &[u8])> {
    let (digits, rest) = text.split_at_checked(length)?;
    let value =
        digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i16::from(byte - b'0')))?;
    Some((value, rest))
}
