//! When a limit ends, as the headers of APIs say it.

use std::time::{Duration, SystemTime};

use crate::time::clock;

/// The first number that is an instant; smaller ones are lengths of time.
const INSTANTS: f64 = 1e9;
/// From here on an instant counts parts of seconds: in seconds it would be in the year 5138.
const FRACTIONS: f64 = 1e11;

/// The time until a stated end, which is a number of seconds, an instant in seconds since 1970 or in parts of them, or a
/// date; nothing if it has passed, `None` if the text is none of these. A number below zero has passed, too: the API counts
/// from a clock that is ahead of the one behind its header.
pub(crate) fn from_now(stated: &str) -> Option<Duration> {
    let stated = stated.trim();
    match stated.parse::<f64>() {
        Ok(number) if !number.is_finite() => None,
        Ok(number) if number < INSTANTS => Duration::try_from_secs_f64(number.max(0.0)).ok(),
        Ok(number) => until_instant(number),
        Err(_) => until_date(stated),
    }
}

/// The time until an instant in seconds since 1970, or in thousandths, millionths or billionths of them.
pub(crate) fn until_instant(number: f64) -> Option<Duration> {
    let seconds = (0..3).fold(number, |number, _| if number < FRACTIONS { number } else { number / 1000.0 });
    // What is far too large even so is no instant.
    (seconds < FRACTIONS).then(|| Duration::try_from_secs_f64(seconds.max(0.0)).ok().map(until)).flatten()
}

/// The time until a date as headers have it: HTTP's own, or that of RFC 3339.
pub(crate) fn until_date(text: &str) -> Option<Duration> {
    let date = httpdate::parse_http_date(text).ok();
    let date = date.or_else(|| Some(text.parse::<jiff::Timestamp>().ok()?.into()))?;
    Some(until(date.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()))
}

/// From now until an instant, given since the epoch; nothing if it has passed.
fn until(epoch: Duration) -> Duration {
    epoch.saturating_sub(clock::since_epoch())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_understood_in_every_form() {
        let _clock = clock::Standing::still();
        let end = clock::now() + Duration::from_secs(90);
        let since_1970 = end.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let forms = [
            "90".to_owned(),
            " 90.0 ".to_owned(),
            since_1970.as_secs().to_string(),
            since_1970.as_millis().to_string(),
            since_1970.as_micros().to_string(),
            since_1970.as_nanos().to_string(),
            httpdate::fmt_http_date(end),
            jiff::Timestamp::try_from(end).unwrap().to_string(),
        ];
        for form in forms {
            assert_eq!(from_now(&form), Some(Duration::from_secs(90)), "{form}");
        }
    }

    #[test]
    fn what_has_passed_is_now_and_what_is_no_end_is_nothing() {
        for past in [
            "0",
            "-2",
            "-0.5",
            "-1e300",
            "1000000000",
            "1000000000000",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "1960-01-01T00:00:00Z",
        ] {
            assert_eq!(from_now(past), Some(Duration::ZERO), "{past}");
        }
        for nonsense in ["", "-", "soon", "NaN", "inf", "-inf", "1e400", "-1e400", "1e30"] {
            assert_eq!(from_now(nonsense), None, "{nonsense}");
        }
    }
}
