//! When a token ends.

use crate::time::{DateFormat, Duration, Moment};

/// The longest life that is told apart, in seconds: a century.
const MAX_SECONDS: f64 = 3_155_760_000.0;
/// How long a token is used whose end nobody tells, in seconds.
const DEFAULT_SECONDS: i64 = 3600;

/// How far the clock of an API may be from this one, and an answer on its way, in nanoseconds: a minute.
const SLACK: i128 = 60_000_000_000;

/// The spellings besides ISO 8601 that token services use.
const FORMATS: [&str; 8] = [
    "%a, %d %b %Y %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %Z",
    "%d %b %Y %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S %Z",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%a %b %d %H:%M:%S %Y",
];

/// Whether it is later than that; `None` is the past.
pub(super) fn is_past(expires: Option<Moment>) -> bool {
    expires.is_none_or(|expires| Moment::now() > expires)
}

/// Whether a token may have ended for the API, which counts from when it sent it, by its own clock.
pub(super) fn may_be_past(expires: Option<Moment>) -> bool {
    expires.is_none_or(|expires| Moment::now().epoch_nanos() + SLACK > expires.epoch_nanos())
}

/// Reads a date in the usual spellings, or epoch seconds of up to ten digits. Without an offset it is UTC.
pub(in crate::plan::auth) fn parse_date(text: &str) -> Option<Moment> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: i128 = (text.len() <= 10).then(|| text.parse().ok()).flatten()?;
        return Moment::from_epoch_nanos(seconds * 1_000_000_000);
    }
    let formatted = |format: &&str| DateFormat::new(format).ok()?.parse(text);
    DateFormat::iso8601().parse(text).or_else(|| FORMATS.iter().find_map(formatted))
}

/// So many seconds from now, given as a number's text; decimals are dropped.
pub(super) fn after(seconds: &str) -> Option<Moment> {
    let seconds: f64 = seconds.trim().parse().ok().filter(|seconds: &f64| seconds.is_finite())?;
    // The bounds fit, so the conversion only drops decimals.
    Duration::from_seconds(seconds.clamp(-MAX_SECONDS, MAX_SECONDS) as i64).add_to(Moment::now())
}

/// The end of a token whose end nobody tells.
pub(super) fn default() -> Option<Moment> {
    Duration::from_seconds(DEFAULT_SECONDS).add_to(Moment::now())
}

/// A moment as Python writes it: `2024-02-29T12:00:00.123456+00:00`, without zero microseconds.
pub(super) fn iso(moment: Moment) -> String {
    let civil = moment.civil();
    let micros = match civil.subsec_nanosecond() / 1_000 {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    let offset = moment.offset_seconds();
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs() / 60;
    format!("{}{micros}{sign}{:02}:{:02}", civil.strftime("%Y-%m-%dT%H:%M:%S"), minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::clock::Standing;

    #[test]
    fn reads_what_token_services_write() {
        let table = [
            ("1709210096", Some("2024-02-29T12:34:56+00:00")),
            ("0", Some("1970-01-01T00:00:00+00:00")),
            ("12345678901", None),
            ("2024-02-29", Some("2024-02-29T00:00:00+00:00")),
            ("2024-02-29T12:34:56Z", Some("2024-02-29T12:34:56+00:00")),
            ("2024-02-29 12:34:56.5", Some("2024-02-29T12:34:56.500000+00:00")),
            ("2024-02-29T12:34:56.123456+02:00", Some("2024-02-29T12:34:56.123456+02:00")),
            ("Thu, 29 Feb 2024 12:34:56 GMT", Some("2024-02-29T12:34:56+00:00")),
            ("Thu, 29 Feb 2024 12:34:56 -0330", Some("2024-02-29T12:34:56-03:30")),
            ("02/29/2024 12:34:56", Some("2024-02-29T12:34:56+00:00")),
            ("12:34:56", None),
            ("-5", None),
            ("soon", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse_date(text).map(iso).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn seconds_are_counted_from_now() {
        let _clock = Standing::still();
        for (text, seconds) in [("99", 99), ("3600.9", 3600), (" 5 ", 5), ("1e3", 1000), ("-1", -1), ("0", 0)] {
            let end = after(text).unwrap().epoch_millis();
            assert_eq!(end, Moment::now().epoch_millis() + seconds * 1000, "{text}");
        }
        assert!(after("1e300").unwrap() > Moment::now());
        for text in ["soon", "", "nan", "inf", "True"] {
            assert_eq!(after(text), None, "{text}");
        }
    }
}
