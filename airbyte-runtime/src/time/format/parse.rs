//! Reads a date by a compiled format, with the rules of Python's `strptime`.
//!
//! Python turns a format into a regular expression. What follows tries the same alternatives in the same order,
//! and goes back to the next one where the rest does not match, so that `%m%d` reads `111` as November 1st.

use super::directive::{ABBREVIATION_LENGTH, Directive};
use super::fields::Fields;
use super::{Item, Moment, plain};
use crate::time::calendar::{MONTHS, WEEKDAYS};

pub(super) fn parse(items: &[Item], text: &str) -> Option<Moment> {
    plain::parse(items, text).or_else(|| match_all(items, text))
}

/// The same without the short way.
pub(super) fn match_all(items: &[Item], text: &str) -> Option<Moment> {
    let mut fields = Fields::default();
    let rest = match_items(items, text, &mut fields)?;
    if rest.is_empty() { fields.into_moment() } else { None }
}

/// White space as Python's regular expressions see it.
pub(super) fn is_whitespace(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// The text that is left after all items, or `None` if one of them does not match.
fn match_items<'text>(mut items: &[Item], mut text: &'text str, fields: &mut Fields) -> Option<&'text str> {
    while let Some((item, following)) = items.split_first() {
        text = match item {
            Item::Literal(literal) => strip_literal(text, literal)?,
            // Nothing that can follow begins with white space of its own, so that there is nothing to go back for.
            Item::Whitespace(_) => strip_whitespace(text)?,
            Item::Directive(directive) => return match_directive(*directive, following, text, fields),
        };
        items = following;
    }
    Some(text)
}

fn strip_literal<'text>(text: &'text str, literal: &str) -> Option<&'text str> {
    if let Some(rest) = text.strip_prefix(literal) {
        return Some(rest);
    }
    let mut found = text.chars();
    let matches = literal.chars().all(|wanted| found.next().is_some_and(|c| same_letter(c, wanted)));
    matches.then_some(found.as_str())
}

fn same_letter(a: char, b: char) -> bool {
    a == b || a.to_lowercase().eq(b.to_lowercase())
}

fn strip_whitespace(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(is_whitespace);
    (rest.len() < text.len()).then_some(rest)
}

/// Tries what the directive can stand for, in Python's order, until the following items match.
///
/// The recursion is as deep as the format has directives, and none of the two dozen can stand twice.
fn match_directive<'text>(
    directive: Directive,
    following: &[Item],
    text: &'text str,
    fields: &mut Fields,
) -> Option<&'text str> {
    let mut proceed = |length: usize, value: i32| {
        fields.set(directive, value);
        match_items(following, text.get(length..)?, fields)
    };
    let names: &[&str] = match directive {
        Directive::MonthName | Directive::MonthAbbreviation => &MONTHS,
        Directive::WeekdayName | Directive::WeekdayAbbreviation => &WEEKDAYS,
        Directive::DayHalf => &["AM", "PM"],
        Directive::ZoneName => &["UTC", "GMT"],
        Directive::Offset => {
            // The digits of the seconds may belong to what follows.
            return [true, false].into_iter().find_map(|with_seconds| {
                let (length, seconds) = read_offset(text, with_seconds)?;
                proceed(length, seconds)
            });
        }
        _ => return match_number(directive, text, proceed),
    };
    let abbreviated = matches!(directive, Directive::MonthAbbreviation | Directive::WeekdayAbbreviation);
    let (length, index) = find_name(names, text, if abbreviated { ABBREVIATION_LENGTH } else { usize::MAX })?;
    proceed(length, index)
}

fn match_number<'text>(
    directive: Directive,
    text: &'text str,
    mut proceed: impl FnMut(usize, i32) -> Option<&'text str>,
) -> Option<&'text str> {
    let (shortest, longest, low, high) = digits(directive);
    for length in (shortest..=longest).rev() {
        let Some(value) = read_number(text, length).filter(|value| (low..=high).contains(value)) else { continue };
        if let Some(rest) = proceed(length, scaled(directive, value, length)) {
            return Some(rest);
        }
    }
    if !matches!(directive, Directive::Day | Directive::SpacedDay) {
        return None;
    }
    let day = read_number(text.strip_prefix(' ')?, 1).filter(|&day| day > 0)?;
    proceed(2, day)
}

/// A fraction in nanoseconds; any other number as it is.
pub(super) fn scaled(directive: Directive, value: i32, digits: usize) -> i32 {
    match directive {
        Directive::Fraction | Directive::Millis => value * 10_i32.pow(9 - digits as u32),
        _ => value,
    }
}

/// The fewest and the most digits of a number, and its least and greatest value.
fn digits(directive: Directive) -> (usize, usize, i32, i32) {
    match directive {
        Directive::Year | Directive::IsoYear => (4, 4, 0, 9999),
        Directive::ShortYear => (2, 2, 0, 99),
        Directive::Month | Directive::Hour12 => (1, 2, 1, 12),
        Directive::Day | Directive::SpacedDay => (1, 2, 1, 31),
        Directive::DayOfYear => (1, 3, 1, 366),
        Directive::WeekdayFromSunday => (1, 1, 0, 6),
        Directive::WeekdayFromMonday => (1, 1, 1, 7),
        Directive::WeekFromSunday | Directive::WeekFromMonday => (1, 2, 0, 53),
        Directive::IsoWeek => (1, 2, 1, 53),
        Directive::Hour => (1, 2, 0, 23),
        Directive::Minute => (1, 2, 0, 59),
        // Python reads leap seconds here and refuses them as a time afterwards.
        Directive::Second => (1, 2, 0, 61),
        Directive::Fraction | Directive::Millis => (1, 6, 0, 999_999),
        // These are no numbers.
        Directive::MonthName
        | Directive::MonthAbbreviation
        | Directive::WeekdayName
        | Directive::WeekdayAbbreviation
        | Directive::DayHalf
        | Directive::Offset
        | Directive::ZoneName => (1, 0, 0, 0),
    }
}

fn read_number(text: &str, length: usize) -> Option<i32> {
    let mut value = 0;
    for byte in text.as_bytes().get(..length)? {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i32::from(byte - b'0');
    }
    Some(value)
}

/// The length and the index of the name that the text starts with, of which only the first letters may count.
fn find_name(names: &[&str], text: &str, letters: usize) -> Option<(usize, i32)> {
    let position = names.iter().position(|name| {
        let name = name.get(..letters).unwrap_or(name);
        text.as_bytes().get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    })?;
    let length = names.get(position)?.len().min(letters);
    Some((length, i32::try_from(position).ok()?))
}

/// The length and the seconds of an offset, which is a capital `Z` or has colons everywhere or nowhere.
pub(super) fn read_offset(text: &str, with_seconds: bool) -> Option<(usize, i32)> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'Z' if !with_seconds => return Some((1, 0)),
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let mut rest = digits.get(2..)?;
    let mut seconds = read_number(digits, 2)? * 3600;
    let colon = rest.starts_with(':');
    for unit in [60, 1].into_iter().take(if with_seconds { 2 } else { 1 }) {
        if colon {
            rest = rest.strip_prefix(':')?;
        }
        seconds += read_number(rest, 2).filter(|&value| value < 60)? * unit;
        rest = rest.get(2..)?;
    }
    Some((text.len() - rest.len(), sign * seconds))
}
