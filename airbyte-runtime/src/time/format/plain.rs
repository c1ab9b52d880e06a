//! The instant of a date that is spelt as machines spell it: each number as wide as it can be, and the text between the
//! numbers letter for letter. A cursor wants it of every record.

use jiff::civil::{Date, DateTime, Time};

use super::directive::Directive;
use super::parse::{read_offset, scaled};
use super::{Item, Moment};

/// What [`match_all`](super::parse::match_all) finds, for it tries the longest numbers first; `None` also if the text, or
/// the format, is not that plain.
pub(super) fn parse(items: &[Item], text: &str) -> Option<Moment> {
    let mut text = text.as_bytes();
    let (mut year, mut month, mut day) = (None, 1, 1);
    let (mut hour, mut minute, mut second, mut nanos) = (0, 0, 0, 0);
    let mut offset_seconds = 0;
    for item in items {
        let directive = match item {
            Item::Literal(literal) | Item::Whitespace(literal) => {
                text = strip(text, literal.as_bytes())?;
                continue;
            }
            Item::Directive(directive) => directive,
        };
        let place = match directive {
            Directive::Year => {
                let (century, rest) = two_digits(text)?;
                let (of_century, rest) = two_digits(rest)?;
                year = Some(i16::from(century) * 100 + i16::from(of_century));
                text = rest;
                continue;
            }
            Directive::Fraction | Directive::Millis => {
                (nanos, text) = fraction(*directive, text)?;
                continue;
            }
            Directive::Offset => {
                let zone = std::str::from_utf8(text).ok()?;
                let (length, seconds) = read_offset(zone, true).or_else(|| read_offset(zone, false))?;
                offset_seconds = seconds;
                text = text.get(length..)?;
                continue;
            }
            Directive::Month => &mut month,
            Directive::Day => &mut day,
            Directive::Hour => &mut hour,
            Directive::Minute => &mut minute,
            Directive::Second => &mut second,
            _ => return None,
        };
        (*place, text) = two_digits(text)?;
    }
    if !text.is_empty() {
        return None;
    }
    let date = Date::new(year?, month, day).ok()?;
    Moment::from_civil(DateTime::from_parts(date, Time::new(hour, minute, second, nanos).ok()?), offset_seconds)
}

#[inline(always)]
fn strip<'text>(text: &'text [u8], literal: &[u8]) -> Option<&'text [u8]> {
    match (literal, text) {
        ([wanted], [found, rest @ ..]) => (wanted == found).then_some(rest),
        _ => text.strip_prefix(literal),
    }
}

#[inline(always)]
fn two_digits(text: &[u8]) -> Option<(i8, &[u8])> {
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = text else { return None };
    // 99 at the most, so that no cast cuts anything off.
    Some((((tens - b'0') * 10 + (ones - b'0')) as i8, rest))
}

/// The decimals of a second, as many as there are, in nanoseconds.
fn fraction(directive: Directive, text: &[u8]) -> Option<(i32, &[u8])> {
    let digits = text.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    let (found, rest) = text.split_at_checked(digits).filter(|_| digits > 0)?;
    let value = found.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0'));
    Some((scaled(directive, value, digits), rest))
}

#[cfg(test)]
mod tests {
    use super::super::{DateFormat, Shape, parse};
    use super::*;
    use crate::plan::cursor::laws::dice::{Dice, for_all};

    const FORMATS: [&str; 16] = [
        "%Y-%m-%d",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y-%m-%dT%H:%M:%S.%fZ",
        "%Y-%m-%dT%H:%M:%S.%f%z",
        "%Y-%m-%dT%H:%M:%S%z",
        "%Y-%m-%d %H:%M:%S.%_ms",
        "%Y-%m-%d  %H:%M",
        "%Y%m%d%H%M%S%f",
        "%Y%m%d%z%H%M",
        "%d/%m/%Y %X",
        "%H:%M %% %Y-%m",
        "%f1%Y",
        "%Y-%j",
        "%d %b %Y",
        "%m-%d %H:%M",
        "\u{c4}%Y\\%m\"%d",
    ];

    fn items(format: &DateFormat) -> &[Item] {
        let Shape::Pattern(items) = &format.shape else { panic!("{} is no pattern", format.as_str()) };
        items
    }

    fn parts(moment: Option<Moment>) -> Option<(i128, i32)> {
        moment.map(|moment| (moment.epoch_nanos(), moment.offset_seconds()))
    }

    /// A date as the format writes it, or one that people, other systems or accidents have changed.
    fn text(format: &DateFormat, dice: &mut Dice) -> String {
        let number = |dice: &mut Dice, end: u64| i64::try_from(dice.below(end)).expect("a number");
        let seconds = number(dice, 253_402_300_800 + 62_135_596_800) - 62_135_596_800;
        let nanos = i128::from(seconds) * 1_000_000_000 + i128::from(number(dice, 1_000_000)) * 1_000;
        let moment = Moment::from_epoch_nanos(nanos).expect("a moment");
        let offset = dice.pick(&[0, 0, 7_200, -19_800, 3_661, -86_399]);
        let moment = Moment::from_civil(moment.civil(), offset).expect("an offset");
        let mut text: Vec<char> = format.format(moment).chars().collect();
        for _ in 0..dice.pick(&[0, 0, 1, 1, 2, 5]) {
            let at = usize::try_from(dice.below(text.len() as u64 + 1)).expect("a place");
            let others = ['0', '1', '2', '3', '6', '9', ' ', '-', ':', '.', 'T', 'z', 'Z', '+', '\u{e4}', '\u{661}'];
            let other = dice.pick(&others);
            match dice.below(3) {
                0 if at < text.len() => drop(text.remove(at)),
                1 if at < text.len() => text[at] = other,
                _ => text.insert(at, other),
            }
        }
        text.into_iter().collect()
    }

    #[test]
    fn plain_dates_are_what_the_long_way_reads() {
        for_all("plain_dates_are_what_the_long_way_reads", 20_000, |dice| {
            let compiled = |dice: &mut Dice| DateFormat::new(dice.pick(&FORMATS)).expect("a format");
            let written = compiled(dice);
            // A stream may have several formats, so that a text meets some that it does not follow.
            let format = if dice.one_in(4) { compiled(dice) } else { written.clone() };
            let text = text(&written, dice);
            let long = parts(parse::match_all(items(&format), &text));
            assert_eq!(parts(format.parse(&text)), long, "{text:?} by {}", format.as_str());
        });
    }

    #[test]
    fn what_machines_write_is_plain() {
        for (format, text, is_plain) in [
            ("%Y-%m-%d", "2024-02-29", true),
            ("%Y-%m-%d", "2024-2-29", false),
            ("%Y-%m-%d", "2023-02-29", false),
            ("%Y-%m-%d", "0000-01-01", false),
            ("%Y-%m-%dT%H:%M:%SZ", "2024-02-29T23:59:59Z", true),
            ("%Y-%m-%dT%H:%M:%SZ", "2024-02-29T23:59:60Z", false),
            ("%Y-%m-%dT%H:%M:%SZ", "2024-02-29T23:59:59z", false),
            ("%Y-%m-%dT%H:%M:%SZ", "2024-02-29T23:59:59Z ", false),
            ("%Y-%m-%dT%H:%M:%S.%f%z", "2024-02-29T23:59:59.123+05:30", true),
            ("%Y-%m-%dT%H:%M:%S.%f%z", "2024-02-29T23:59:59.+05:30", false),
            ("%d.%m.%Y", "29.02.2024", true),
            ("%d %b %Y", "29 Feb 2024", false),
        ] {
            let format = DateFormat::new(format).unwrap();
            assert_eq!(super::parse(items(&format), text).is_some(), is_plain, "{text} by {}", format.as_str());
        }
    }
}
