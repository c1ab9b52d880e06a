//! Rules of the defaults of config fields: what a user who leaves a field empty gets must be what a user could write.

use super::text::{Names, Text, same};
use crate::define::config::{EnumShape, Kind, Shape};
use crate::define::{ConfigType, Value};
use crate::time::{digits, is_date};

/// Refuses a default that is not of the field's type, or that the specification would refuse from a user.
#[track_caller]
pub const fn require_default<T: ConfigType>(value: Value) {
    require_shape(&T::SHAPE, value);
}

/// Refuses a default outside the limits of the field.
#[track_caller]
pub const fn require_in_range(value: Value, minimum: Option<i64>, maximum: Option<i64>) {
    if let Some(minimum) = minimum {
        assert!(
            !is_less(value, minimum),
            "this default is smaller than the field's `minimum`\nhelp: write a number that the user could write as well"
        );
    }
    if let Some(maximum) = maximum {
        assert!(
            !is_greater(value, maximum),
            "this default is larger than the field's `maximum`\nhelp: write a number that the user could write as well"
        );
    }
}

const fn is_less(value: Value, limit: i64) -> bool {
    match value {
        Value::Integer(number) => number < limit,
        Value::Number(number) => number < limit as f64,
        _ => false,
    }
}

const fn is_greater(value: Value, limit: i64) -> bool {
    match value {
        Value::Integer(number) => number > limit,
        Value::Number(number) => number > limit as f64,
        _ => false,
    }
}

#[track_caller]
const fn require_shape(shape: &Shape, value: Value) {
    let fits = matches!(
        (shape.kind, value),
        (Kind::Text | Kind::Date | Kind::Timestamp | Kind::Enum(_), Value::Raw(_) | Value::Template(_))
            | (Kind::Integer { .. }, Value::Integer(_))
            | (Kind::Number, Value::Integer(_) | Value::Number(_))
            | (Kind::Boolean, Value::Bool(_))
            | (Kind::List(_), Value::List(_))
            | (Kind::Struct(_), Value::Map(_))
            | (Kind::Any, _)
    );
    if !fits {
        let (wanted, example) = wanted(shape.kind);
        let text = Text::new().push("this default is ").push(written(value)).push(", but the field is ").push(wanted);
        panic!("{}", text.push("\nhelp: write `").push(example).push("`").as_str());
    }
    match (shape.kind, value) {
        (Kind::Enum(shape), Value::Raw(text) | Value::Template(text)) => require_choice(shape, text),
        (Kind::Date, Value::Raw(text)) if !is_date(text.as_bytes()) => {
            let message = Text::new().push("default `").push(text);
            panic!("{}", message.push("` is not a date\nhelp: write a day that exists, as in \"2024-01-31\"").as_str());
        }
        (Kind::Timestamp, Value::Raw(text)) if !is_timestamp(text.as_bytes()) => {
            let message = Text::new().push("default `").push(text);
            panic!(
                "{}",
                message.push("` is not an instant in UTC\nhelp: write one as in \"2024-01-31T00:00:00Z\"").as_str()
            );
        }
        (Kind::Integer { unsigned: true }, Value::Integer(number)) => assert!(
            number >= 0,
            "this default is negative, which the field's type cannot hold\nhelp: write 0 or more, or make the field an `i64`"
        ),
        (Kind::List(item), Value::List(values)) => {
            let mut at = 0;
            while at < values.len() {
                require_shape(item, values[at]);
                at += 1;
            }
        }
        _ => {}
    }
}

/// What a field of this kind is, and an example of its default.
const fn wanted(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Text => ("a text", "default = \"eu\""),
        Kind::Date => ("a date", "default = \"2024-01-31\""),
        Kind::Timestamp => ("an instant", "default = \"2024-01-31T00:00:00Z\""),
        Kind::Enum(_) => ("a choice of texts", "default = \"…\""),
        Kind::Integer { .. } => ("a whole number", "default = 10"),
        Kind::Number => ("a number", "default = 0.5"),
        Kind::Boolean => ("`true` or `false`", "default = true"),
        Kind::List(_) => ("a list", "default = […]"),
        Kind::Struct(_) => ("an object", "default = { … }"),
        Kind::Any => ("any value", "default = null"),
    }
}

const fn written(value: Value) -> &'static str {
    match value {
        Value::Null => "`null`",
        Value::Bool(_) => "`true` or `false`",
        Value::Integer(_) => "a whole number",
        Value::Number(_) => "a number with a fraction",
        Value::Template(_) | Value::Raw(_) | Value::Joined(..) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "an object",
    }
}

/// Refuses a default that is none of the texts to choose from.
#[track_caller]
const fn require_choice(shape: &'static EnumShape, text: &'static str) {
    let mut names = Names::near(text);
    let mut at = 0;
    while at < shape.variants.len() {
        if same(shape.variants[at].value, text) {
            return;
        }
        names = names.offer(shape.variants[at].value);
        at += 1;
    }
    let message = Text::new().push("`").push(shape.name).push("` has no choice `").push(text).push("`");
    panic!("{}", names.help(message, "choices").as_str());
}

/// `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, which is what the specification asks of a user.
const fn is_timestamp(text: &[u8]) -> bool {
    let Some((date, time)) = text.split_at_checked(10) else { return false };
    let Some((clock, rest)) = time.split_at_checked(9) else { return false };
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2] = clock else { return false };
    if !is_date(date) {
        return false;
    }
    let (Some(hour), Some(minute), Some(second)) = (digits(&[*h1, *h2]), digits(&[*m1, *m2]), digits(&[*s1, *s2]))
    else {
        return false;
    };
    let is_clock = hour < 24 && minute < 60 && second < 60;
    match rest {
        [b'Z'] => is_clock,
        [b'.', fraction @ .., b'Z'] => is_clock && digits(fraction).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_date, is_greater, is_less, is_timestamp};
    use crate::define::Value;

    #[test]
    fn knows_the_days_that_exist() {
        for (text, expected) in [
            ("2024-01-31", true),
            ("2024-02-29", true),
            ("2000-02-29", true),
            ("2023-02-29", false),
            ("1900-02-29", false),
            ("2024-04-31", false),
            ("2024-13-01", false),
            ("2024-00-01", false),
            ("2024-01-00", false),
            ("2024-1-01", false),
            ("2024-01-01T", false),
            ("yesterday!", false),
            ("20é4-01-01", false),
            ("", false),
        ] {
            assert_eq!(is_date(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn knows_the_instants_that_a_user_could_write() {
        for (text, expected) in [
            ("2024-01-01T00:00:00Z", true),
            ("2024-01-01T23:59:59.123456789Z", true),
            ("2024-01-01T24:00:00Z", false),
            ("2024-01-01T00:60:00Z", false),
            ("2024-01-01T00:00:60Z", false),
            ("2024-02-30T00:00:00Z", false),
            ("2024-01-01T00:00:00.Z", false),
            ("2024-01-01T00:00:00", false),
            ("2024-01-01T00:00:00+01:00", false),
            ("2024-01-01 00:00:00Z", false),
            ("2024-01-01", false),
            ("yesterday", false),
        ] {
            assert_eq!(is_timestamp(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn compares_with_limits() {
        for (value, limit, less, greater) in [
            (Value::Integer(0), 1, true, false),
            (Value::Integer(1), 1, false, false),
            (Value::Number(1.5), 1, false, true),
            (Value::Raw("x"), 1, false, false),
        ] {
            assert_eq!((is_less(value, limit), is_greater(value, limit)), (less, greater), "{value:?}");
        }
    }
}
