//! The checks of single values: allowed values, text, numbers, dates.

use regex_lite::Regex;
use serde_json::{Number, Value};

use super::unknown::closest;
use super::{Check, Place, limit, list_of, same};
use crate::time::{digits, is_date};

impl Check<'_> {
    /// Checks `const` and `enum`; false when the value is none of the allowed ones.
    pub(super) fn is_allowed(&mut self, place: &Place, schema: &Value, value: &Value) -> bool {
        let only = schema.get("const").map(std::slice::from_ref);
        let any = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice);
        for allowed in [only, any].into_iter().flatten() {
            if !allowed.iter().any(|allowed| same(allowed, value)) {
                self.not_allowed(place, allowed.iter(), value);
                return false;
            }
        }
        true
    }

    pub(super) fn not_allowed<'v>(
        &mut self,
        place: &Place,
        allowed: impl Iterator<Item = &'v Value> + Clone,
        value: &Value,
    ) {
        let listed = listed(allowed.clone());
        let found = self.found(place, value);
        let similar = value.as_str().filter(|_| !found.is_empty());
        let similar = similar.and_then(|text| closest(text, allowed.filter_map(Value::as_str)));
        let hint = similar.map(|name| format!("; did you mean {}?", Value::from(name))).unwrap_or_default();
        self.report(place, format!("{place} must be {listed}{found}{hint}"));
    }

    pub(super) fn string(&mut self, place: &Place, schema: &Value, text: &str) {
        let length = text.chars().count() as u64;
        if let Some(least) = limit(schema, "minLength").filter(|least| length < *least) {
            return self.report(
                place,
                match length {
                    0 => format!("{place} must not be empty"),
                    _ => format!("{place} must have at least {least} characters{}", self.length(place, length)),
                },
            );
        }
        if let Some(most) = limit(schema, "maxLength").filter(|most| length > *most) {
            let found = self.length(place, length);
            return self.report(place, format!("{place} must have at most {most} characters{found}"));
        }
        let value = Value::from(text);
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            // A pattern in a dialect that is not understood is the connector's affair, not the user's.
            && Regex::new(pattern).is_ok_and(|regex| !regex.is_match(text))
        {
            let descriptor = schema.get("pattern_descriptor").and_then(Value::as_str);
            let wanted = descriptor.map_or_else(|| format!("the pattern `{pattern}`"), str::to_owned);
            return self.report(place, format!("{place} must match {wanted}{}", self.found(place, &value)));
        }
        let wanted = match schema.get("format").and_then(Value::as_str) {
            Some("date") if !is_date(text.as_bytes()) => "a date that exists, such as 2024-01-31",
            Some("date-time") if !is_date_time(text) => {
                "a date and time with its offset from UTC, such as 2024-01-31T00:00:00Z"
            }
            _ => return,
        };
        self.report(place, format!("{place} must be {wanted}{}", self.found(place, &value)));
    }

    pub(super) fn number(&mut self, place: &Place, schema: &Value, number: &Number) {
        let Some(value) = number.as_f64() else { return };
        let bounds = [
            ("minimum", "at least"),
            ("exclusiveMinimum", "greater than"),
            ("maximum", "at most"),
            ("exclusiveMaximum", "less than"),
        ];
        for (keyword, words) in bounds {
            let Some(bound @ Value::Number(_)) = schema.get(keyword) else { continue };
            let holds = bound.as_f64().is_none_or(|bound| match keyword {
                "minimum" => value >= bound,
                "exclusiveMinimum" => value > bound,
                "maximum" => value <= bound,
                _ => value < bound,
            });
            if !holds {
                let found = self.found(place, &Value::Number(number.clone()));
                self.report(place, format!("{place} must be {words} {bound}{found}"));
            }
        }
    }

    fn length(&self, place: &Place, length: u64) -> String {
        if place.secret { String::new() } else { format!(", found {length}") }
    }
}

/// `"a"`, or `one of "a", "b"`.
pub(super) fn listed<'v>(allowed: impl Iterator<Item = &'v Value> + Clone) -> String {
    const MOST: usize = 20;
    let count = allowed.clone().count();
    let values = list_of(allowed.take(MOST).map(Value::to_string), ", ");
    match count {
        0 | 1 => values,
        _ if count > MOST => format!("one of {values} and {} more", count - MOST),
        _ => format!("one of {values}"),
    }
}

/// Whether `text` is a date and time of RFC 3339, such as `2024-01-31T10:00:00.5+02:00`.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    let offset = time.find(['Z', 'z', '+', '-']).and_then(|at| time.split_at_checked(at));
    let Some((clock, offset)) = offset else { return false };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    is_date(date.as_bytes())
        && is_clock(clock)
        && digits(fraction.as_bytes()).is_some()
        && (offset.eq_ignore_ascii_case("z") || offset.get(1..).is_some_and(|hours| is_clock(&format!("{hours}:00"))))
}

/// Whether `text` is `HH:MM:SS`; the second 60 is a leap second.
fn is_clock(text: &str) -> bool {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = text.as_bytes() else { return false };
    let within = |pair: [u8; 2], most: u32| digits(&pair).is_some_and(|number| number <= most);
    within([*h1, *h2], 23) && within([*m1, *m2], 59) && within([*s1, *s2], 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_exist() {
        let table = [
            ("2024-01-31", true),
            ("2024-02-29", true),
            ("2000-02-29", true),
            ("2023-02-29", false),
            ("1900-02-29", false),
            ("2024-04-31", false),
            ("2024-00-01", false),
            ("2024-13-01", false),
            ("2024-01-00", false),
            ("2024-01-32", false),
            ("2024-1-1", false),
            ("2024/01/01", false),
            ("+024-01-01", false),
            ("2024-01-01T00:00:00Z", false),
            ("", false),
        ];
        for (text, expected) in table {
            assert_eq!(is_date(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn instants_are_of_rfc_3339() {
        let table = [
            ("2024-01-31T10:20:30Z", true),
            ("2024-01-31t10:20:30z", true),
            ("2024-01-31T10:20:30.123456789+02:00", true),
            ("2024-01-31T23:59:60-12:30", true),
            ("2024-02-30T10:20:30Z", false),
            ("2024-01-31T24:00:00Z", false),
            ("2024-01-31T10:60:00Z", false),
            ("2024-01-31T10:20:61Z", false),
            ("2024-01-31T10:20:30", false),
            ("2024-01-31T10:20Z", false),
            ("2024-01-31 10:20:30Z", false),
            ("2024-01-31T10:20:30.Z", false),
            ("2024-01-31T10:20:30.5x6Z", false),
            ("2024-01-31T10:20:30+0200", false),
            ("2024-01-31T10:20:30+24:00", false),
            ("2024-01-31T10:20:30Zé", false),
            ("2024-01-31", false),
        ];
        for (text, expected) in table {
            assert_eq!(is_date_time(text), expected, "{text}");
        }
    }
}
