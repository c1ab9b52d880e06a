//! ISO 8601 durations, as Python's isodate reads them.

/// Whether text is a duration, as `P1Y2M3W4DT5H6M7.5S`.
pub(super) fn is_duration(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some(body) = unsigned.strip_prefix('P') else { return false };
    let (date, time) = match body.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (body, None),
    };
    if body.is_empty() {
        return false;
    }
    // `P0003-06-04T12:30:05` is a duration too.
    if body.contains('-') {
        return body.bytes().all(|byte| byte.is_ascii_digit() || b"-T:.".contains(&byte));
    }
    are_parts(date, "YMWD") && time.is_none_or(|time| are_parts(time, "HMS"))
}

/// Numbers, each with a unit, in the order of the units.
fn are_parts(mut text: &str, units: &str) -> bool {
    let mut left = units;
    while !text.is_empty() {
        let Some(end) = text.find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | ','))
        else {
            return false;
        };
        let (number, rest) = text.split_at(end);
        let mut rest = rest.chars();
        let (Some(unit), Some(at)) = (rest.next(), left.find(|known| rest_starts(text, end, known))) else {
            return false;
        };
        if !is_number(number) {
            return false;
        }
        left = left.get(at + unit.len_utf8()..).unwrap_or_default();
        text = rest.as_str();
    }
    true
}

fn rest_starts(text: &str, at: usize, unit: char) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with(unit))
}

fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once(['.', ',']) {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}
