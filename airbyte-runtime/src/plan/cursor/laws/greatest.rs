//! The greatest value of a page, whatever else its records have in its place.

use super::super::tests::{cursor, with_scale};
use super::super::{Cursor, Greatest, Scale};
use super::dice::Dice;
use crate::time::DateFormat;

/// Cursors over dates and over numbers; the values of ISO 8601 sort as text.
fn any_cursor(dice: &mut Dice) -> Cursor {
    let formats: &[&str] = dice.pick(&[
        [].as_slice(),
        &["%Y-%m-%d"],
        &["%Y-%m-%dT%H:%M:%SZ"],
        &["%d/%m/%Y", "%Y-%m-%d"],
        &["%Y-%m-%dT%H:%M:%S%z", "%s"],
    ]);
    if dice.one_in(6) {
        return with_scale(Scale::Count { start: 0 });
    }
    let mut compiled: Vec<_> = formats.iter().map(|format| DateFormat::new(format).expect("a format")).collect();
    let is_iso = compiled.is_empty();
    if is_iso {
        compiled.push(DateFormat::iso8601());
    }
    let mut cursor = cursor(None, "2024-01-31", None, "P1D", None, "%Y-%m-%d");
    if let Scale::Time(scale) = &mut cursor.scale {
        scale.format.clone_from(&compiled[0]);
        (scale.formats, scale.sortable) = (compiled, is_iso);
    }
    cursor
}

fn any_value(dice: &mut Dice) -> String {
    let (month, day, second) = (1 + dice.below(13), 1 + dice.below(31), dice.below(60));
    match dice.below(10) {
        0 => format!("\"2024-{month:02}-{day:02}\""),
        1 => format!("\"2024-{month}-{day}\""),
        2 => format!("\"{day:02}/{month:02}/2024\""),
        3..6 => format!("\"2024-{month:02}-{day:02}T00:00:{second:02}Z\""),
        6 => format!("\"2024-{month:02}-{day:02}T00:00:{second:02}+05:30\""),
        7 => format!("{}", 1_704_067_200 + day * 86_400 + second),
        8 => format!("\"2024-{month:02}-{day:02}T00:00:{second:02}.{day}Z\""),
        _ => dice.pick(&["\"9999-99-99T99:99:99Z\"", "\"zzzz-zz-zz\"", "null", "\"\"", "\"", "{}", "9e9"]).to_owned(),
    }
}

/// Instants of one month, some with a day, an hour, a minute or a second that is none.
fn any_of_a_month(dice: &mut Dice) -> String {
    let (day, hour, minute, second) = (dice.below(32), dice.below(26), dice.below(64), dice.below(64));
    let rest = dice.pick(&["Z", "Z", "Z", "Z", ".5Z", ".xZ", "+05:30"]);
    let letter = dice.pick(&['T', 'T', 'T', 'T', ' ', '7']);
    format!("\"2024-02-{day:02}{letter}{hour:02}:{minute:02}:{second:02}{rest}\"")
}

/// The greatest of values, seen one by one, is the first of those that no other is later than.
pub(super) fn is_that_of_all(dice: &mut Dice) {
    let cursor = any_cursor(dice);
    let value = dice.pick(&[any_value, any_of_a_month]);
    let values: Vec<String> = (0..dice.below(12)).map(|_| value(dice)).collect();
    let mut greatest = Greatest::default();
    let mut expected: (Option<i128>, &str) = (None, "");
    for value in &values {
        greatest.observe(&cursor, value.as_bytes());
        let order = cursor.order_of(value.as_bytes());
        if order > expected.0 {
            expected = (order, value);
        }
        assert_eq!(greatest.position(&cursor), cursor.position(expected.1.as_bytes()), "{values:?}");
    }
}
