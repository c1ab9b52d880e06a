//! The macros that the CDK adds to Jinja, and Jinja's own globals.

use std::sync::atomic::AtomicUsize;

use jiff::tz::TimeZone;
use minijinja::Value;
use minijinja::value::ValueKind;
use ring::rand::{SecureRandom, SystemRandom};

use super::arguments::{Arguments, Routine};
use super::evaluation::Evaluation;
use super::limits;
use super::objects::{
    Cycler, Function, Namespace, View, class, elements, integer, json, mapping, member, refuse_objects, view,
};
use super::operators::{ordering, truth};
use super::print::text;
use super::raise::{Raise, Step};
use super::time::{MICROS_PER_DAY, Time, arithmetic, parse_duration, strftime, strptime};
use crate::time::{DateFormat, Moment};

const MACROS: &[(&str, Routine)] = &[
    ("now_utc", now_utc),
    ("today_utc", today_utc),
    ("today_with_timezone", today_with_timezone),
    ("timestamp", timestamp),
    ("max", maximum),
    ("min", minimum),
    ("day_delta", day_delta),
    ("duration", duration),
    ("format_datetime", format_datetime),
    ("str_to_datetime", str_to_datetime),
    ("sanitize_url", sanitize_url),
    ("camel_case_to_snake_case", camel_case_to_snake_case),
    ("generate_uuid", generate_uuid),
    ("dict", dict),
    ("namespace", namespace),
    ("cycler", cycler),
    ("joiner", joiner),
    ("lipsum", lipsum),
];

/// What does not give the same twice.
const VOLATILE: &[&str] =
    &["now_utc", "today_utc", "today_with_timezone", "day_delta", "generate_uuid", "cycler", "joiner", "lipsum"];

/// The macro of this name.
pub(super) fn find(name: &str) -> Option<(&'static str, Routine)> {
    MACROS.iter().find(|(known, _)| *known == name).copied()
}

/// Whether the macro depends on the clock or on chance.
pub(super) fn is_volatile(name: &str) -> bool {
    VOLATILE.contains(&name)
}

/// The current time, as fine as Python knows it.
fn now() -> Moment {
    let now = Moment::now();
    Moment::from_epoch_nanos(now.epoch_nanos().div_euclid(1_000) * 1_000).unwrap_or(now)
}

fn now_utc(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [] = arguments.bind("now_utc", [], 0)?;
    Ok(Time::Datetime { moment: now(), aware: true }.into())
}

fn today_utc(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [] = arguments.bind("today_utc", [], 0)?;
    Ok(Time::Date(now().civil().date()).into())
}

fn today_with_timezone(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [name] = arguments.bind("today_with_timezone", ["timezone"], 1)?;
    let name = text(&name.unwrap_or_default());
    let zone = TimeZone::get(&name)
        .map_err(|_| Raise::other(format!("there is no time zone '{name}'; a known one is America/New_York")))?;
    let instant = jiff::Timestamp::from_nanosecond(Moment::now().epoch_nanos())
        .map_err(|_| Raise::other("the clock is outside the calendar"))?;
    Ok(Time::Date(zone.to_datetime(instant).date()).into())
}

fn timestamp(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [value] = arguments.bind("timestamp", ["dt"], 1)?;
    let value = value.unwrap_or_default();
    match view(&value) {
        View::Bool(value) => Ok(Value::from(i64::from(value))),
        View::Int(value) => Ok(integer(value)),
        // The cast saturates far outside the calendar.
        View::Float(value) if value.is_finite() => Ok(integer(value.trunc() as i128)),
        View::Float(_) => Err(Raise::other("a float that is not finite has no timestamp")),
        _ => Ok(Value::from(utc(&value)?.epoch_nanos() as f64 / 1e9)),
    }
}

fn str_to_datetime(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [date] = arguments.bind("str_to_datetime", ["s"], 1)?;
    Ok(Time::Datetime { moment: utc(&date.unwrap_or_default())?, aware: true }.into())
}

/// Reads ISO 8601 strictly; without an offset it is UTC.
fn utc(value: &Value) -> Step<Moment> {
    let text = match view(value) {
        View::Str(text) => text,
        View::Undefined => return Err(Raise::undefined("the date to read")),
        View::List | View::Tuple | View::Dict => {
            return Err(Raise::other(format!("a {} is no ISO 8601 date", class(value))));
        }
        _ => return Err(Raise::Type(format!("Parser must be a string or character stream, not {}", class(value)))),
    };
    let moment = DateFormat::iso8601().parse(text).and_then(|moment| {
        let micros = moment.epoch_nanos().div_euclid(1_000);
        Moment::from_epoch_nanos(micros * 1_000)
    });
    moment.ok_or_else(|| {
        Raise::other(format!("'{text}' is no ISO 8601 date; format_datetime takes other formats as its input_format"))
    })
}

/// The variable `json_loads`, for scopes that have it: a function that reads JSON.
pub(crate) fn json_loads() -> Value {
    Value::from_object(Function { name: "json_loads", routine: read_json })
}

fn read_json(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [document] = arguments.bind("json_loads", ["s"], 1)?;
    let document = document.unwrap_or_default();
    let bytes = match view(&document) {
        View::Str(text) => text.as_bytes(),
        View::Bytes(bytes) => bytes,
        _ => return Err(Raise::Type(format!("the JSON object must be str or bytes, not {}", class(&document)))),
    };
    let value: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|error| Raise::other(format!("what json_loads has to read is no JSON: {error}")))?;
    Ok(json(&value))
}

fn maximum(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    extreme("max", arguments, std::cmp::Ordering::is_gt)
}

fn minimum(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    extreme("min", arguments, std::cmp::Ordering::is_lt)
}

fn extreme(name: &str, arguments: Arguments, wins: fn(std::cmp::Ordering) -> bool) -> Step<Value> {
    if !arguments.named.is_empty() {
        return Err(Raise::Type(format!("{name}() takes no named arguments")));
    }
    let values = match arguments.positional.as_slice() {
        [] => return Err(Raise::Type(format!("{name} expected at least 1 argument, got 0"))),
        [only] => elements(only)?,
        _ => arguments.positional,
    };
    let mut values = values.into_iter();
    let mut best = values.next().ok_or_else(|| Raise::other(format!("{name}() arg is an empty sequence")))?;
    for value in values {
        if wins(ordering(&value, &best)?) {
            best = value;
        }
    }
    Ok(best)
}

fn day_delta(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [days, format] = arguments.bind("day_delta", ["num_days", "format"], 1)?;
    let micros = match view(&days.unwrap_or_default()) {
        View::Int(days) => days.saturating_mul(MICROS_PER_DAY),
        View::Bool(days) => i128::from(days) * MICROS_PER_DAY,
        View::Float(days) => (days * MICROS_PER_DAY as f64).round_ties_even() as i128,
        _ => return Err(Raise::type_error("day_delta takes a number of days")),
    };
    let now = Time::Datetime { moment: now(), aware: true };
    let later = arithmetic(super::syntax::Arithmetic::Add, &now.into(), &Time::delta(micros)?.into())?;
    let format = format.unwrap_or_else(|| Value::from("%Y-%m-%dT%H:%M:%S.%f%z"));
    match view(&later) {
        View::Time(later) => Ok(Value::from(strftime(later, format_text(&format)?))),
        _ => Ok(Value::UNDEFINED),
    }
}

fn format_text(format: &Value) -> Step<&str> {
    match view(format) {
        View::Str(format) => Ok(format),
        _ => Err(Raise::Type(format!("the format of a date is a text, not {}", class(format)))),
    }
}

fn duration(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [value] = arguments.bind("duration", ["datestring"], 1)?;
    let value = value.unwrap_or_default();
    match view(&value) {
        View::Str(text) => Ok(parse_duration(text)?.into()),
        _ => Err(Raise::type_error("duration takes a text like 'P1D'")),
    }
}

fn format_datetime(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [date, format, input] = arguments.bind("format_datetime", ["dt", "format", "input_format"], 2)?;
    let (date, format) = (date.unwrap_or_default(), format.unwrap_or_default());
    let input = input.filter(truth);
    let input = input.as_ref().map(format_text).transpose()?;
    let read = |input: &str, date: &str| {
        let moment = DateFormat::new(input).ok().and_then(|format| format.parse(date));
        moment.ok_or_else(|| Raise::other(format!("'{date}' does not follow the format '{input}'")))
    };
    let moment = match (view(&date), input) {
        (View::Time(time @ Time::Datetime { .. }), _) => return Ok(Value::from(strftime(time, format_text(&format)?))),
        (View::Int(_) | View::Bool(_), input) => {
            let digits =
                if date.kind() == ValueKind::Bool { i8::from(date.is_true()).to_string() } else { text(&date) };
            read(input.unwrap_or("%s"), &digits)?
        }
        (View::Str(date), Some(input)) => match strptime(date, input)? {
            Time::Datetime { moment, .. } => moment,
            _ => return Ok(Value::UNDEFINED),
        },
        (_, Some(_)) => return Err(Raise::type_error("strptime() takes a text")),
        (_, None) => utc(&date)?,
    };
    Ok(Value::from(airbytes_format(moment, format_text(&format)?)))
}

/// Writes a date by the CDK's rules: its own tokens, and otherwise the C library's directives.
fn airbytes_format(moment: Moment, format: &str) -> String {
    let is_token = matches!(format, "%s" | "%s_as_float" | "%ms" | "%epoch_microseconds");
    if is_token && let Ok(compiled) = DateFormat::new(format) {
        return compiled.format(moment);
    }
    let time = Time::Datetime { moment, aware: true };
    if !format.contains("%_ms") {
        return strftime(&time, format);
    }
    let written = strftime(&time, &format.replace("%_ms", "%f"));
    let millis = moment.civil().subsec_nanosecond() / 1_000_000;
    written.replace(&strftime(&time, "%f"), &format!("{millis:03}"))
}

fn sanitize_url(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [value] = arguments.bind("sanitize_url", ["value"], 1)?;
    let value = value.unwrap_or_default();
    match view(&value) {
        View::Str(text) => Ok(Value::from(super::filters::quote_plus(text))),
        _ => Err(Raise::type_error("quote_from_bytes() expected bytes")),
    }
}

fn camel_case_to_snake_case(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [value] = arguments.bind("camel_case_to_snake_case", ["value"], 1)?;
    let value = value.unwrap_or_default();
    let View::Str(text) = view(&value) else {
        return Err(Raise::type_error("expected string or bytes-like object"));
    };
    let mut snake = String::with_capacity(text.len() + 8);
    for (at, char) in text.char_indices() {
        if at > 0 && char.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(char);
    }
    Ok(Value::from(snake.to_lowercase()))
}

fn generate_uuid(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [] = arguments.bind("generate_uuid", [], 0)?;
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Raise::other("the system has no random numbers"))?;
    // The version and the variant have their places in the digits.
    let digits = u128::from_be_bytes(bytes) & !(0xF << 76) & !(0b11 << 62) | (0x4 << 76) | (0b10 << 62);
    let hex = format!("{digits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or_default());
    Ok(Value::from(parts.join("-")))
}

fn dict(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let mut pairs = Vec::new();
    for source in &arguments.positional {
        for item in elements(source)? {
            let pair = match view(source) {
                View::Dict => (item.clone(), member(source, &item).unwrap_or_default()),
                _ => match elements(&item)?.as_slice() {
                    [key, value] => (key.clone(), value.clone()),
                    _ => return Err(Raise::other("dict() takes pairs of keys and values")),
                },
            };
            pairs.push(pair);
        }
    }
    pairs.extend(arguments.named.into_iter().map(|(name, value)| (Value::from(&*name), value)));
    Ok(mapping(pairs))
}

fn namespace(run: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let namespace = Namespace::default();
    let attributes = dict(run, arguments)?;
    refuse_objects(&attributes)?;
    for (at, key) in elements(&attributes)?.into_iter().enumerate() {
        // Each attribute is looked for among those before it.
        limits::take(at)?;
        namespace.set(&text(&key), member(&attributes, &key).unwrap_or_default());
    }
    Ok(Value::from_object(namespace))
}

fn cycler(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    match arguments.positional.is_empty() {
        true => Err(Raise::other("at least one item has to be provided")),
        false => {
            Ok(Value::from_object(Cycler { items: arguments.positional, at: AtomicUsize::new(0), is_joiner: false }))
        }
    }
}

fn joiner(_: &mut Evaluation<'_>, arguments: Arguments) -> Step<Value> {
    let [separator] = arguments.bind("joiner", ["sep"], 0)?;
    let items = vec![separator.unwrap_or_else(|| Value::from(", "))];
    Ok(Value::from_object(Cycler { items, at: AtomicUsize::new(0), is_joiner: true }))
}

fn lipsum(_: &mut Evaluation<'_>, _: Arguments) -> Step<Value> {
    Err(Raise::other("lipsum(), which makes up text, is not supported"))
}
