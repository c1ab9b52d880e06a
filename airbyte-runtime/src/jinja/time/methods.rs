//! The attributes and methods of Python's dates and times.

use jiff::civil::{Date, DateTime, ISOWeekDate};
use minijinja::Value;

use super::civil::{moment, out_of_range};
use super::print::Precision;
use super::{MICROS_PER_DAY, MICROS_PER_SECOND, Time, strftime};
use crate::jinja::arguments::Arguments;
use crate::jinja::containers::NamedTuple;
use crate::jinja::objects::{View, class, integer, view};
use crate::jinja::print::text;
use crate::jinja::raise::{Raise, Step};
use crate::time::{DateFormat, Moment};

const OF_DATETIMES: &[&str] = &[
    "strftime",
    "isoformat",
    "timestamp",
    "replace",
    "date",
    "time",
    "weekday",
    "isoweekday",
    "isocalendar",
    "toordinal",
    "timetuple",
    "utctimetuple",
    "utcoffset",
    "tzname",
    "dst",
    "astimezone",
    "ctime",
    "strptime",
    "fromtimestamp",
];
const OF_DATES: &[&str] = &[
    "strftime",
    "isoformat",
    "replace",
    "weekday",
    "isoweekday",
    "isocalendar",
    "toordinal",
    "timetuple",
    "ctime",
    "fromtimestamp",
];
const OF_CLOCKS: &[&str] = &["strftime", "isoformat", "replace", "utcoffset", "tzname", "dst"];

/// The method's name if the value has it.
pub(in crate::jinja) fn method(time: &Time, name: &str) -> Option<&'static str> {
    let methods = match time {
        Time::Datetime { .. } => OF_DATETIMES,
        Time::Date(_) => OF_DATES,
        Time::Clock(_) => OF_CLOCKS,
        Time::Delta(_) => &["total_seconds"],
        Time::Duration { .. } | Time::Zone(_) => return None,
    };
    methods.iter().find(|method| **method == name).copied()
}

/// An attribute that is no method.
pub(in crate::jinja) fn attribute(time: &Time, name: &str) -> Option<Value> {
    let (date, clock) = match time {
        Time::Datetime { moment, .. } => (Some(moment.civil().date()), Some(moment.civil().time())),
        Time::Date(date) => (Some(*date), None),
        Time::Clock(clock) => (None, Some(*clock)),
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
        ("year", _) => date.map(|date| Value::from(date.year())),
        ("month", _) => date.map(|date| Value::from(date.month())),
        ("day", _) => date.map(|date| Value::from(date.day())),
        ("hour", _) => clock.map(|clock| Value::from(clock.hour())),
        ("minute", _) => clock.map(|clock| Value::from(clock.minute())),
        ("second", _) => clock.map(|clock| Value::from(clock.second())),
        ("microsecond", _) => clock.map(|clock| Value::from(clock.subsec_nanosecond() / 1_000)),
        ("tzinfo", Time::Datetime { moment, aware: true }) => Some(Time::Zone(moment.offset_seconds()).into()),
        ("tzinfo", Time::Datetime { aware: false, .. } | Time::Clock(_)) => Some(Value::from(())),
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
        "strftime" => {
            let [format] = arguments.bind(name, ["format"], 1)?.map(Option::unwrap_or_default);
            return Ok(Value::from(strftime(time, string(&format, "the format of strftime")?)));
        }
        "isoformat" => return iso_format(time, arguments),
        "astimezone" => return astimezone(time, arguments).map(Value::from),
        _ => {}
    }
    let [] = arguments.bind(name, [], 0)?;
    let civil = match time {
        Time::Datetime { moment, .. } => moment.civil(),
        Time::Date(date) => DateTime::from(*date),
        Time::Delta(micros) => return Ok(Value::from(*micros as f64 / 1e6)),
        Time::Clock(_) | Time::Duration { .. } | Time::Zone(_) => return Ok(Value::from(())),
    };
    let date = civil.date();
    Ok(match (name, time) {
        ("timestamp", Time::Datetime { moment, .. }) => Value::from(moment.epoch_nanos() as f64 / 1e9),
        ("date", _) => Time::Date(date).into(),
        ("time", _) => Time::Clock(civil.time()).into(),
        ("weekday", _) => Value::from(date.weekday().to_monday_zero_offset()),
        ("isoweekday", _) => Value::from(date.weekday().to_monday_one_offset()),
        ("isocalendar", _) => iso_calendar(date),
        // Python counts from the first day of the year 1, jiff's epoch day is 719163 there.
        ("toordinal", _) => {
            let epoch = jiff::civil::date(1970, 1, 1);
            Value::from(date.duration_since(epoch).as_hours() / 24 + 719_163)
        }
        ("timetuple", _) => time_tuple(civil, -1),
        ("utctimetuple", Time::Datetime { moment, .. }) => {
            time_tuple(moment.to_utc().ok_or_else(out_of_range)?.civil(), 0)
        }
        ("utcoffset", Time::Datetime { moment, aware: true }) => {
            Time::Delta(i128::from(moment.offset_seconds()) * MICROS_PER_SECOND).into()
        }
        ("tzname", Time::Datetime { moment, aware: true }) => Value::from(Time::Zone(moment.offset_seconds()).text()),
        ("ctime", _) => Value::from(strftime(time, "%a %b %e %H:%M:%S %Y")),
        _ => Value::from(()),
    })
}

fn string<'value>(value: &'value Value, what: &str) -> Step<&'value str> {
    match view(value) {
        View::Str(text) => Ok(text),
        _ => Err(Raise::Type(format!("{what} is a text, not {}", class(value)))),
    }
}

fn iso_format(time: &Time, arguments: Arguments) -> Step<Value> {
    let (separator, precision) = match time {
        Time::Datetime { .. } => arguments.bind("isoformat", ["sep", "timespec"], 0)?.into(),
        Time::Clock(_) => {
            let [precision] = arguments.bind("isoformat", ["timespec"], 0)?;
            (None, precision)
        }
        _ => {
            let [] = arguments.bind("isoformat", [], 0)?;
            (None, None)
        }
    };
    let separator = separator.unwrap_or_else(|| Value::from("T"));
    let separator = string(&separator, "the separator of isoformat")?;
    if separator.chars().count() != 1 {
        return Err(Raise::Type(format!("the separator of isoformat is one character, not '{separator}'")));
    }
    let precision = precision.unwrap_or_else(|| Value::from("auto"));
    let precision = match string(&precision, "the timespec of isoformat")? {
        "auto" => Precision::Auto,
        "hours" => Precision::Hours,
        "minutes" => Precision::Minutes,
        "seconds" => Precision::Seconds,
        "milliseconds" => Precision::Milliseconds,
        "microseconds" => Precision::Microseconds,
        other => {
            return Err(Raise::other(format!(
                "isoformat does not know the timespec '{other}'; it knows auto, hours, minutes, seconds, milliseconds \
                 and microseconds"
            )));
        }
    };
    Ok(Value::from(time.iso(separator, precision)))
}

fn iso_calendar(date: Date) -> Value {
    let week: ISOWeekDate = date.iso_week_date();
    let fields = [
        ("year", Value::from(week.year())),
        ("week", Value::from(week.week())),
        ("weekday", Value::from(week.weekday().to_monday_one_offset())),
    ];
    NamedTuple::value("datetime.IsoCalendarDate", fields)
}

/// A `struct_time`; the flag says whether it is daylight saving time, -1 if nobody knows.
fn time_tuple(civil: DateTime, is_dst: i8) -> Value {
    let fields = [
        ("tm_year", Value::from(civil.year())),
        ("tm_mon", Value::from(civil.month())),
        ("tm_mday", Value::from(civil.day())),
        ("tm_hour", Value::from(civil.hour())),
        ("tm_min", Value::from(civil.minute())),
        ("tm_sec", Value::from(civil.second())),
        ("tm_wday", Value::from(civil.weekday().to_monday_zero_offset())),
        ("tm_yday", Value::from(civil.day_of_year())),
        ("tm_isdst", Value::from(is_dst)),
    ];
    NamedTuple::value("time.struct_time", fields)
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

/// The same instant elsewhere; the system's own zone, which is where naive times are, counts as UTC.
fn astimezone(time: &Time, arguments: Arguments) -> Step<Time> {
    let [zone] = arguments.bind("astimezone", ["tz"], 0)?;
    let zone = zone.unwrap_or_else(|| Value::from(()));
    let seconds = match view(&zone) {
        View::None => 0,
        View::Time(Time::Zone(seconds)) => *seconds,
        _ => return Err(Raise::Type(format!("astimezone takes a timezone, not {}", class(&zone)))),
    };
    let Time::Datetime { moment: here, .. } = time else { return Ok(*time) };
    let offset = jiff::SignedDuration::from_secs(i64::from(seconds));
    let civil = here.to_utc().and_then(|utc| utc.civil().checked_add(offset).ok()).ok_or_else(out_of_range)?;
    Ok(Time::Datetime { moment: moment(civil, seconds)?, aware: true })
}

fn replace(time: &Time, arguments: Arguments) -> Step<Time> {
    let (civil, mut offset, mut aware) = match time {
        Time::Datetime { moment, aware } => (moment.civil(), moment.offset_seconds(), *aware),
        Time::Date(date) => (DateTime::from(*date), 0, false),
        Time::Clock(clock) => (DateTime::from_parts(jiff::civil::date(1970, 1, 1), *clock), 0, false),
        _ => return Err(Raise::type_error("only dates and times can be replaced")),
    };
    let given = match time {
        Time::Date(_) => {
            let [year, month, day] = arguments.bind("replace", ["year", "month", "day"], 0)?;
            [year, month, day, None, None, None, None, None]
        }
        Time::Clock(_) => {
            let names = ["hour", "minute", "second", "microsecond", "tzinfo"];
            let [hour, minute, second, microsecond, zone] = arguments.bind("replace", names, 0)?;
            if zone.is_some_and(|zone| !zone.is_none()) {
                return Err(Raise::other("a time of day with a time zone is not supported"));
            }
            [None, None, None, hour, minute, second, microsecond, None]
        }
        _ => {
            let names = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"];
            arguments.bind("replace", names, 0)?
        }
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
    let civil = assemble(parts)?;
    match time {
        Time::Date(_) => Ok(Time::Date(civil.date())),
        Time::Clock(_) => Ok(Time::Clock(civil.time())),
        _ => Ok(Time::Datetime { moment: moment(civil, offset)?, aware }),
    }
}

fn assemble([year, month, day, hour, minute, second, micros]: [i128; 7]) -> Step<DateTime> {
    let small = |value: i128| i8::try_from(value).map_err(|_| out_of_range());
    DateTime::new(
        i16::try_from(year).map_err(|_| out_of_range())?,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        i32::try_from(micros.saturating_mul(1_000)).map_err(|_| out_of_range())?,
    )
    .map_err(|_| out_of_range())
}
