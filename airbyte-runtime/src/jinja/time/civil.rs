//! The calendar side of times: months that shift, durations that are read.

use std::sync::LazyLock;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use regex_lite::Regex;

use super::{MICROS_PER_DAY, MICROS_PER_SECOND, Time};
use crate::jinja::raise::{Raise, Step};
use crate::time::Moment;

/// A moment, or the error of a date outside the years 1 to 9999.
pub(super) fn moment(civil: DateTime, offset_seconds: i32) -> Step<Moment> {
    Moment::from_civil(civil, offset_seconds).ok_or_else(out_of_range)
}

pub(super) fn out_of_range() -> Raise {
    Raise::other("date value out of range")
}

pub(super) fn shift(moment: Moment, aware: bool, micros: i128) -> Step<Time> {
    let exact = SignedDuration::try_from_nanos_i128(micros.saturating_mul(1_000)).ok_or_else(out_of_range)?;
    let civil = moment.civil().checked_add(exact).map_err(|_| out_of_range())?;
    Ok(Time::Datetime { moment: self::moment(civil, moment.offset_seconds())?, aware })
}

pub(super) fn add_days(date: Date, days: i128) -> Step<Date> {
    let hours = i64::try_from(days).ok().and_then(|days| days.checked_mul(24)).ok_or_else(out_of_range)?;
    let exact = SignedDuration::try_from_hours(hours).ok_or_else(out_of_range)?;
    let date = date.checked_add(exact).map_err(|_| out_of_range())?;
    if date.year() >= 1 { Ok(date) } else { Err(out_of_range()) }
}

/// The same day of another month, or that month's last day.
pub(super) fn shift_months(civil: DateTime, months: i64) -> Step<DateTime> {
    let span = jiff::Span::new().try_months(months).map_err(|_| out_of_range())?;
    civil.checked_add(span).map_err(|_| out_of_range())
}

/// isodate's `parse_duration`: a `timedelta`, or a `Duration` if years or months occur.
pub(in crate::jinja) fn parse_duration(source: &str) -> Step<Time> {
    // The pattern is constant; if it did not compile, the unit tests would fail.
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let amount = r"(\d+(?:[,.]\d+)?)";
        Regex::new(&format!(
            "^([+-])?P(?:{amount}Y)?(?:{amount}M)?(?:{amount}W)?(?:{amount}D)?(?:(T)(?:{amount}H)?(?:{amount}M)?(?:{amount}S)?)?$"
        ))
        .ok()
    });
    let unreadable = || Raise::other(format!("'{source}' is not an ISO 8601 duration like P1M or PT12H"));
    let groups = PATTERN.as_ref().and_then(|pattern| pattern.captures(source)).ok_or_else(unreadable)?;
    if source.ends_with('P') {
        return Err(unreadable());
    }
    let amount = |group: usize| groups.get(group).map(|amount| amount.as_str().replace(',', "."));
    let whole = |group: usize| match amount(group) {
        Some(amount) => amount.parse::<i64>().map_err(|_| {
            Raise::other(format!("'{source}' has years or months that are not whole, which dates cannot be moved by"))
        }),
        None => Ok(0),
    };
    let micros = |group: usize, unit: i128| -> Step<i128> {
        let Some(amount) = amount(group) else { return Ok(0) };
        let (digits, decimals) = amount.split_once('.').unwrap_or((&amount, ""));
        let whole: i128 = digits.parse().map_err(|_| unreadable())?;
        let fraction: f64 = format!("0.{decimals}0").parse().map_err(|_| unreadable())?;
        // The product stays below a day's or week's microseconds, so the cast is exact enough.
        Ok(whole.saturating_mul(unit).saturating_add((fraction * unit as f64).round() as i128))
    };
    let sign: i8 = if groups.get(1).is_some_and(|sign| sign.as_str() == "-") { -1 } else { 1 };
    let units = [
        (4, 7 * MICROS_PER_DAY),
        (5, MICROS_PER_DAY),
        (7, 3600 * MICROS_PER_SECOND),
        (8, 60 * MICROS_PER_SECOND),
        (9, MICROS_PER_SECOND),
    ];
    let mut total: i128 = 0;
    for (group, unit) in units {
        total = total.saturating_add(micros(group, unit)?);
    }
    let Time::Delta(micros) = Time::delta(total.saturating_mul(i128::from(sign)))? else { return Err(unreadable()) };
    let (years, months) = (whole(2)?, whole(3)?);
    if years == 0 && months == 0 {
        return Ok(Time::Delta(micros));
    }
    Time::duration(years.saturating_mul(i64::from(sign)), months.saturating_mul(i64::from(sign)), micros)
}
