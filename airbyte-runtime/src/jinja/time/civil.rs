//! The calendar side of times: their attributes and methods, months that shift, durations that are read.

use std::sync::LazyLock;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, ISOWeekDate};
use minijinja::Value;
use minijinja::value::Tuple;
use regex_lite::Regex;

use super::{MICROS_PER_DAY, MICROS_PER_SECOND, Time, strftime};
use crate::jinja::arguments::Arguments;
use crate::jinja::objects::{View, class, integer, view};
use crate::jinja::print::text;
use crate::jinja::raise::{Raise, Step};
use crate::time::{DateFormat, Moment};

/// A moment, or the error of a date outside the years 1 to 9999.
pub(super) fn moment(civil: DateTime, offset_seconds: i32) -> Step<Moment> {
    Moment::from_civil(civil, offset_seconds).ok_or_else(out_of_range)
}

fn out_of_range() -> Raise {
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

const METHODS: &[&str] = &[
    "strftime",
    "isoformat",
    "timestamp",
    "replace",
    "date",
    "weekday",
    "isoweekday",
    "isocalendar",
    "toordinal",
    "utcoffset",
    "astimezone",
    "ctime",
    "strptime",
    "fromtimestamp",
    "total_seconds",
];

/// The method's name if the value has it.
pub(in crate::jinja) fn method(time: &Time, name: &str) -> Option<&'static str> {
    let method = METHODS.iter().find(|method| **method == name)?;
    let has = match (time, *method) {
        (Time::Datetime { .. }, "total_seconds") => false,
        (Time::Datetime { .. }, _) => true,
        (Time::Date(_), "timestamp" | "date" | "utcoffset" | "astimezone" | "strptime" | "total_seconds") => false,
        (Time::Date(_), _) => true,
        (Time::Delta(_), name) => name == "total_seconds",
        (Time::Duration { .. } | Time::Zone(_), _) => false,
    };
    has.then_some(*method)
}

/// An attribute that is no method.
pub(in crate::jinja) fn attribute(time: &Time, name: &str) -> Option<Value> {
    let civil = match time {
        Time::Datetime { moment, .. } => moment.civil(),
        Time::Date(date) => DateTime::from(*date),
        Time::Delta(micros) => {
            return Some(integer(match name {
                "days" => micros.div_euclid(MICROS_PER_DAY),
                "seconds" => micros.rem_euclid(MICROS_PER_DAY) / MICROS_PER_SECOND,
                "microseconds" => micros.rem_euclid(MICROS_PER_SECOND),
                _ => return None,
            }));
        }
        Time::Duration { years, months, micros } => {
            return match name {
                "years" => Some(Value::from(*years)),
                "months" => Some(Value::from(*months)),
                "tdelta" => Some(Time::Delta(*micros).into()),
                other => attribute(&Time::Delta(*micros), other),
            };
        }
        Time::Zone(_) => return None,
    };
    match (name, time) {
        ("year", _) => Some(Value::from(civil.year())),
        ("month", _) => Some(Value::from(civil.month())),
        ("day", _) => Some(Value::from(civil.day())),
        ("hour", Time::Datetime { .. }) => Some(Value::from(civil.hour())),
        ("minute", Time::Datetime { .. }) => Some(Value::from(civil.minute())),
        ("second", Time::Datetime { .. }) => Some(Value::from(civil.second())),
        ("microsecond", Time::Datetime { .. }) => Some(Value::from(civil.subsec_nanosecond() / 1_000)),
        ("tzinfo", Time::Datetime { moment, aware: true }) => Some(Time::Zone(moment.offset_seconds()).into()),
        ("tzinfo", Time::Datetime { aware: false, .. }) => Some(Value::from(())),
        _ => None,
    }
}

/// Calls a method that [`method`] has named.
pub(in crate::jinja) fn call(time: &Time, name: &str, arguments: Arguments) -> Step<Value> {
    match name {
        "strptime" => {
            let [date, format] = arguments.bind(name, ["date_string", "format"], 2)?.map(Option::unwrap_or_default);
            return strptime(&text(&date), &text(&format)).map(Value::from);
        }
        "fromtimestamp" => return from_timestamp(time, arguments),
        "replace" => return replace(time, arguments).map(Value::from),
        "strftime" => return Ok(Value::from(strftime(time, &text(&arguments.single(name)?)))),
        "isoformat" => {
            let [separator] = arguments.bind(name, ["sep"], 0)?;
            let separator = separator.map_or_else(|| "T".to_owned(), |separator| text(&separator));
            return Ok(Value::from(time.iso(&separator)));
        }
        "astimezone" => return Ok((*time).into()),
        _ => {}
    }
    let [] = arguments.bind(name, [], 0)?;
    let date = match time {
        Time::Datetime { moment, .. } => moment.civil().date(),
        Time::Date(date) => *date,
        Time::Delta(micros) => return Ok(Value::from(*micros as f64 / 1e6)),
        Time::Duration { .. } | Time::Zone(_) => return Ok(Value::UNDEFINED),
    };
    Ok(match (name, time) {
        ("timestamp", Time::Datetime { moment, .. }) => Value::from(moment.epoch_nanos() as f64 / 1e9),
        ("date", _) => Time::Date(date).into(),
        ("weekday", _) => Value::from(date.weekday().to_monday_zero_offset()),
        ("isoweekday", _) => Value::from(date.weekday().to_monday_one_offset()),
        ("isocalendar", _) => {
            let week: ISOWeekDate = date.iso_week_date();
            let parts = [
                Value::from(week.year()),
                Value::from(week.week()),
                Value::from(week.weekday().to_monday_one_offset()),
            ];
            Value::from(Tuple::from(parts))
        }
        // Python counts from the first day of the year 1, jiff's epoch day is 719163 there.
        ("toordinal", _) => {
            let epoch = jiff::civil::date(1970, 1, 1);
            Value::from(date.duration_since(epoch).as_hours() / 24 + 719_163)
        }
        ("utcoffset", Time::Datetime { moment, aware: true }) => {
            Time::Delta(i128::from(moment.offset_seconds()) * MICROS_PER_SECOND).into()
        }
        ("ctime", _) => Value::from(strftime(time, "%a %b %e %H:%M:%S %Y")),
        _ => Value::from(()),
    })
}

/// `datetime.strptime`: naive unless the format reads an offset.
pub(in crate::jinja) fn strptime(date: &str, format: &str) -> Step<Time> {
    let is_airbytes = matches!(format, "%s" | "%s_as_float" | "%ms" | "%epoch_microseconds") || format.contains("%_ms");
    let compiled = DateFormat::new(format).ok().filter(|_| !is_airbytes);
    let compiled = compiled.ok_or_else(|| Raise::other(format!("'{format}' is no format that dates are read by")))?;
    let moment = compiled
        .parse(date)
        .ok_or_else(|| Raise::other(format!("time data '{date}' does not match format '{format}'")))?;
    Ok(Time::Datetime { moment, aware: format.contains("%z") })
}

fn from_timestamp(time: &Time, arguments: Arguments) -> Step<Value> {
    let [seconds, zone] = arguments.bind("fromtimestamp", ["timestamp", "tz"], 1)?;
    let nanos = match view(&seconds.unwrap_or_default()) {
        View::Int(seconds) => seconds.saturating_mul(1_000_000_000),
        // Microseconds are what Python rounds to; the cast saturates outside the calendar.
        View::Float(seconds) => ((seconds * 1e6).round_ties_even() as i128).saturating_mul(1_000),
        _ => return Err(Raise::type_error("fromtimestamp takes a number")),
    };
    let moment = Moment::from_epoch_nanos(nanos).ok_or_else(out_of_range)?;
    Ok(match time {
        Time::Date(_) => Time::Date(moment.civil().date()),
        _ => Time::Datetime { moment, aware: zone.is_some_and(|zone| !zone.is_none()) },
    }
    .into())
}

fn replace(time: &Time, arguments: Arguments) -> Step<Time> {
    const NAMES: [&str; 8] = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"];
    let given = arguments.bind("replace", NAMES, 0)?;
    let (civil, mut offset, mut aware) = match time {
        Time::Datetime { moment, aware } => (moment.civil(), moment.offset_seconds(), *aware),
        Time::Date(date) => (DateTime::from(*date), 0, false),
        _ => return Err(Raise::type_error("only dates can be replaced")),
    };
    let mut parts = [
        i128::from(civil.year()),
        i128::from(civil.month()),
        i128::from(civil.day()),
        i128::from(civil.hour()),
        i128::from(civil.minute()),
        i128::from(civil.second()),
        i128::from(civil.subsec_nanosecond() / 1_000),
    ];
    for (slot, value) in parts.iter_mut().zip(&given) {
        match value.as_ref().map(view) {
            None => {}
            Some(View::Int(value)) => *slot = value,
            Some(_) => return Err(Raise::type_error("the parts of a date are integers")),
        }
    }
    match given.last().and_then(Option::as_ref) {
        None => {}
        Some(zone) => match view(zone) {
            View::None => (offset, aware) = (0, false),
            View::Time(Time::Zone(seconds)) => (offset, aware) = (*seconds, true),
            _ => return Err(Raise::Type(format!("tzinfo must be None or a timezone, not {}", class(zone)))),
        },
    }
    let small = |value: i128| i8::try_from(value).map_err(|_| out_of_range());
    let [year, month, day, hour, minute, second, micros] = parts;
    let civil = DateTime::new(
        i16::try_from(year).map_err(|_| out_of_range())?,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        i32::try_from(micros.saturating_mul(1_000)).map_err(|_| out_of_range())?,
    )
    .map_err(|_| out_of_range())?;
    match time {
        Time::Date(_) => Ok(Time::Date(civil.date())),
        _ => Ok(Time::Datetime { moment: moment(civil, offset)?, aware }),
    }
}
