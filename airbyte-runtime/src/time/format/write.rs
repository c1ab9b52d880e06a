//! Writes a moment by a compiled format, as Python's `strftime` does on Linux in the C locale.

use super::directive::{ABBREVIATION_LENGTH, Directive};
use super::{Item, Moment};
use crate::time::calendar::{MONTHS, WEEKDAYS};

/// Longer than nearly every date.
const USUAL_LENGTH: usize = 32;

pub(super) fn format(items: &[Item], moment: Moment) -> String {
    let mut out = String::with_capacity(USUAL_LENGTH);
    for item in items {
        match item {
            Item::Literal(text) | Item::Whitespace(text) => out.push_str(text),
            Item::Directive(directive) => push_directive(*directive, moment, &mut out),
        }
    }
    out
}

/// Appends a number of at most 9 digits, with at least `width` of them, which is 1 or more.
pub(super) fn push_number(value: u32, width: u32, out: &mut String) {
    let mut unit = 10_u32.pow(width - 1);
    while value / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        // The remainder is below ten.
        out.push(char::from(b'0' + (value / unit % 10) as u8));
        unit /= 10;
    }
}

/// Appends an offset as `+HHMM`, with the separator between the parts and with seconds if there are any.
pub(super) fn push_offset(offset_seconds: i32, separator: &str, out: &mut String) {
    let seconds = offset_seconds.unsigned_abs();
    out.push(if offset_seconds < 0 { '-' } else { '+' });
    push_number(seconds / 3600, 2, out);
    out.push_str(separator);
    push_number(seconds / 60 % 60, 2, out);
    if !seconds.is_multiple_of(60) {
        out.push_str(separator);
        push_number(seconds % 60, 2, out);
    }
}

fn push_directive(directive: Directive, moment: Moment, out: &mut String) {
    let civil = moment.civil();
    let weekday = civil.weekday();
    let (value, width) = match directive {
        // Older Pythons leave years before 1000 as short as they are, and then cannot read what they wrote: a cursor at
        // `0001-01-01`, as some APIs have it for never, made a state that the next sync refused.
        Directive::Year => (signed(civil.year(), out), 4),
        Directive::IsoYear => (signed(civil.iso_week_date().year(), out), 4),
        Directive::ShortYear => (u32::from(civil.year().rem_euclid(100).unsigned_abs()), 2),
        Directive::Month => (positive(civil.month()), 2),
        Directive::Day => (positive(civil.day()), 2),
        Directive::DayOfYear => (u32::from(civil.day_of_year().unsigned_abs()), 3),
        Directive::WeekdayFromSunday => (positive(weekday.to_sunday_zero_offset()), 1),
        Directive::WeekdayFromMonday => (positive(weekday.to_monday_one_offset()), 1),
        Directive::WeekFromSunday => (week_of_year(moment, weekday.to_sunday_zero_offset()), 2),
        Directive::WeekFromMonday => (week_of_year(moment, weekday.to_monday_zero_offset()), 2),
        Directive::IsoWeek => (positive(civil.iso_week_date().week()), 2),
        Directive::Hour => (positive(civil.hour()), 2),
        Directive::Hour12 => (positive((civil.hour() + 11) % 12 + 1), 2),
        Directive::Minute => (positive(civil.minute()), 2),
        Directive::Second => (positive(civil.second()), 2),
        Directive::Fraction => (civil.subsec_nanosecond().unsigned_abs() / 1_000, 6),
        Directive::Millis => (civil.subsec_nanosecond().unsigned_abs() / 1_000_000, 3),
        Directive::MonthName => return push_name(&MONTHS, civil.month() - 1, usize::MAX, out),
        Directive::MonthAbbreviation => return push_name(&MONTHS, civil.month() - 1, ABBREVIATION_LENGTH, out),
        Directive::WeekdayName => return push_name(&WEEKDAYS, weekday.to_monday_zero_offset(), usize::MAX, out),
        Directive::WeekdayAbbreviation => {
            return push_name(&WEEKDAYS, weekday.to_monday_zero_offset(), ABBREVIATION_LENGTH, out);
        }
        Directive::SpacedDay => {
            if civil.day() < 10 {
                out.push(' ');
            }
            (positive(civil.day()), 1)
        }
        Directive::DayHalf => return out.push_str(if civil.hour() < 12 { "AM" } else { "PM" }),
        Directive::Offset => return push_offset(moment.offset_seconds(), "", out),
        Directive::ZoneName => {
            out.push_str("UTC");
            if moment.offset_seconds() != 0 {
                push_offset(moment.offset_seconds(), ":", out);
            }
            return;
        }
    };
    push_number(value, width, out);
}

/// Writes the sign of a year before Christ, which only a timestamp can bring.
fn signed(year: i16, out: &mut String) -> u32 {
    if year < 0 {
        out.push('-');
    }
    u32::from(year.unsigned_abs())
}

fn positive(value: i8) -> u32 {
    u32::from(value.unsigned_abs())
}

/// The week of the year, given the days since the start of the week; the days before the first such start are week 0.
fn week_of_year(moment: Moment, days_into_week: i8) -> u32 {
    let day = u32::from(moment.civil().day_of_year().unsigned_abs());
    (day + 6 - positive(days_into_week)) / 7
}

fn push_name(names: &[&str], index: i8, letters: usize, out: &mut String) {
    let name = usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default();
    out.push_str(name.get(..letters).unwrap_or(name));
}
