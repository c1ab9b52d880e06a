//! Date formats against the answers of Python.

mod vectors;

use super::*;
use vectors::{FORMATTED, PARSED};

const MICRO: i128 = 1_000;

fn compiled(text: &str) -> DateFormat {
    DateFormat::new(text).unwrap_or_else(|problem| panic!("{text}: {problem}"))
}

fn moment(micros: i64, offset_seconds: i32) -> Moment {
    let local =
        Moment::from_epoch_nanos(i128::from(micros) * MICRO + i128::from(offset_seconds) * 1_000_000_000).unwrap();
    Moment::from_civil(local.civil(), offset_seconds).unwrap()
}

/// Everything about a moment, since equality looks at the instant only.
fn parts(moment: Moment) -> (i128, i32) {
    (moment.epoch_nanos(), moment.offset_seconds())
}

#[test]
fn parses_as_python_does() {
    for &(format, texts) in PARSED {
        for &(text, expected) in texts {
            let expected = expected.map(|(micros, offset)| (i128::from(micros) * MICRO, offset));
            assert_eq!(compiled(format).parse(text).map(parts), expected, "{text:?} by {format:?}");
        }
    }
}

#[test]
fn formats_as_python_does() {
    for &((micros, offset), texts) in FORMATTED {
        for &(format, expected) in texts {
            assert_eq!(compiled(format).format(moment(micros, offset)), expected, "{micros} {offset} by {format:?}");
        }
    }
}

#[test]
fn weeks_that_the_year_has_not_are_refused() {
    let format = compiled("%G-W%V-%u");
    assert_eq!(format.parse("2024-W53-1"), None);
    assert_eq!(format.parse("2024-W00-1"), None);
    assert!(format.parse("2020-W53-7").is_some());
}

#[test]
fn checks_in_constants() {
    const GOOD: Result<FormatKind, FormatProblem> = check_format("%Y-%m-%d");
    const BAD: Result<FormatKind, FormatProblem> = check_format("%Y-%q");
    assert_eq!(GOOD, Ok(FormatKind::DateOnly));
    assert_eq!(BAD.unwrap_err().at, 3);
}

#[test]
fn knows_what_a_format_can_express() {
    let date_time = |zoned| FormatKind::DateTime { zoned };
    let cases = [
        ("%s", FormatKind::Epoch),
        ("%ms", FormatKind::Epoch),
        ("%s_as_float", FormatKind::Epoch),
        ("%epoch_microseconds", FormatKind::Epoch),
        ("%Y-%m-%d", FormatKind::DateOnly),
        ("%y%j", FormatKind::DateOnly),
        ("%x", FormatKind::DateOnly),
        ("%Y-%m-%d %H:%M:%S", date_time(false)),
        ("%c", date_time(false)),
        ("%Y-%m-%dT%H", date_time(false)),
        ("%Y-%m-%dT%H:%M:%SZ", date_time(true)),
        ("%Y-%m-%dT%H:%M:%S.%fZ", date_time(true)),
        ("%Y-%m-%dT%H:%M:%S.%_msZ", date_time(true)),
        ("%Y-%m-%dT%H:%M:%S%z", date_time(true)),
        ("%Y-%m-%d %H:%M %Z", date_time(true)),
        ("%Y-%m-%dT%H:%M:%S+0000", date_time(true)),
        ("%Y-%m-%dT%H:%M:%S-12:00", date_time(true)),
        ("%H:%M", FormatKind::Other),
        ("%m-%d", FormatKind::Other),
        ("%X", FormatKind::Other),
    ];
    for (format, kind) in cases {
        assert_eq!(check_format(format), Ok(kind), "{format}");
    }
}

#[test]
fn refuses_broken_formats() {
    let cases = [
        ("", 0, "no directive"),
        ("YYYY-MM-DD", 0, "no directive"),
        ("100%%", 0, "no directive"),
        ("%Y-%", 3, "lone `%`"),
        ("%Y%%%", 4, "lone `%`"),
        ("%Y-%q", 3, "unknown directive"),
        ("%Y-% ", 3, "unknown directive"),
        ("%Y-%é", 3, "unknown directive"),
        ("é %F", 3, "`%Y-%m-%d`"),
        ("%Y-%T", 3, "`%H:%M:%S`"),
        ("%Y %R", 3, "`%H:%M`"),
        ("%D", 0, "`%m/%d/%y`"),
        ("%Y-%m-%dT%H:%M:%S.%3fZ", 18, "`%_ms`"),
        ("%Y-%m-%dT%H:%M:%S%.fZ", 17, "`%f`"),
        ("%Y-%m-%dT%H:%M:%S%:z", 17, "`%z`"),
        ("%Y-%-m", 3, "no flags"),
        ("%Y %s", 3, "`%s` has to be the whole format"),
        ("%s_as_float ", 0, "has to be the whole format"),
        ("%H:%M.%ms", 6, "`%_ms`"),
        (" %epoch_microseconds", 1, "has to be the whole format"),
        ("%Y-%M-%d %H:%M", 12, "repeats"),
        ("%f%_ms", 2, "repeats"),
        ("%c %Y", 3, "repeats"),
        ("%Y %c", 3, "repeats"),
    ];
    for (format, at, message) in cases {
        let problem = DateFormat::new(format).unwrap_err();
        assert_eq!(check_format(format), Err(problem));
        assert!(problem.what.contains(message), "{format}: {problem}");
        assert_eq!(problem.at, at, "{format}: {problem}");
    }
}

#[test]
fn keeps_its_text() {
    assert_eq!(compiled("%Y-%m-%d").as_str(), "%Y-%m-%d");
    assert_eq!(DateFormat::iso8601().as_str(), "ISO 8601");
}

#[test]
fn long_formats_end() {
    let format = compiled(&("%Y-%m-%d".to_owned() + &" x".repeat(100_000)));
    assert_eq!(format.parse("2024-01-01 x"), None);
}

#[test]
fn reads_iso_leniently() {
    let noon = "2024-02-29T12:00:00Z";
    let cases = [
        (noon, Some(noon)),
        ("2024-02-29t12:00:00z", Some(noon)),
        ("2024-02-29 12:00:00", Some(noon)),
        ("2024-02-29T12:00", Some(noon)),
        ("2024-02-29T12", Some(noon)),
        ("2024-02-29T14:00:00+02:00", Some(noon)),
        ("2024-02-29T14:00:00+0200", Some(noon)),
        ("2024-02-29T14:00:00+02", Some(noon)),
        ("2024-02-29T05:30:00-06:30", Some(noon)),
        ("20240229T120000Z", Some(noon)),
        ("20240229T1200", Some(noon)),
        ("2024-02-29T12:00:00.000Z", Some(noon)),
        ("2024-02-29T12:00:00.1Z", Some("2024-02-29T12:00:00.100Z")),
        ("2024-02-29T12:00:00,123Z", Some("2024-02-29T12:00:00.123Z")),
        ("2024-02-29T12:00:00.1234567Z", Some("2024-02-29T12:00:00.123456Z")),
        ("2024-02-29T12:00:00.000000000001+00:00", Some(noon)),
        ("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:59Z")),
        ("2024-02-29", Some("2024-02-29T00:00:00Z")),
        ("20240229", Some("2024-02-29T00:00:00Z")),
        ("2024-02", Some("2024-02-01T00:00:00Z")),
        ("2024", Some("2024-01-01T00:00:00Z")),
        ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z")),
        ("9999-12-31T23:59:59.999999Z", Some("9999-12-31T23:59:59.999999Z")),
        ("9999-12-31T23:59:59-01:00", Some("9999-12-31T23:59:59-01:00")),
        ("0000-01-01T00:00:00Z", None),
        ("2023-02-29", None),
        ("2024-1-1", None),
        ("2024-0229", None),
        ("202402", None),
        ("24-02-29", None),
        ("2024-02-29T", None),
        ("2024-02-29T24:00:00Z", None),
        ("2024-02-29T12:60:00Z", None),
        ("2024-02-29T12:00:61Z", None),
        ("2024-02-29T12:00.5Z", None),
        ("2024-02-29T12:0000Z", None),
        ("2024-02-29T12:00:00.Z", None),
        ("2024-02-29T12:00:00+2", None),
        ("2024-02-29T12:00:00+24:00", None),
        ("2024-02-29T12:00:00+02:60", None),
        ("2024-02-29T12:00:00+02:0", None),
        ("2024-02-29T12:00:00Zulu", None),
        ("2024-02-29T12:00:00 Z", None),
        (" 2024-02-29", None),
        ("1709208000", None),
        ("é024-02-29", None),
        ("", None),
    ];
    let format = DateFormat::iso8601();
    for (text, written) in cases {
        let found = format.parse(text).map(|moment| format.format(moment));
        assert_eq!(found.as_deref(), written, "{text:?}");
    }
    let exact = format.parse("1969-12-31T23:59:59.123456789+05:30").map(parts);
    assert_eq!(exact, Some((-19_800_876_543_211, 19_800)));
}

/// A linear congruential generator is random enough to pick dates.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 16) as i64 % bound
    }
}

#[test]
fn reads_what_it_writes() {
    let whole = ["%s_as_float", "%epoch_microseconds"];
    let zoned = [
        "%Y-%m-%dT%H:%M:%S.%f%z",
        "%d.%m.%Y %I:%M:%S.%f %p %z",
        "%Y-%j %X.%f%z",
        "%G-W%V-%u %H%M%S%f%z",
        "%Y %U %w %H:%M:%S,%f %z",
        "%f %z %A %W %Y %H.%M.%S",
        "%Y%m%d%H%M%S%f%z",
        "%c %f %z",
    ];
    let (whole, zoned) = (whole.map(compiled), zoned.map(compiled));
    let mut random = Random(7);
    for _ in 0..20_000 {
        // The years 1834 to 2106, in which an `f64` tells microseconds apart.
        let micros = (random.below(1 << 33) - (1 << 32)) * 1_000_000 + random.below(1_000_000);
        let original = moment(micros, (random.below(172_799) - 86_399) as i32);
        for format in &zoned {
            let text = format.format(original);
            assert_eq!(format.parse(&text).map(parts), Some(parts(original)), "{text} by {}", format.as_str());
        }
        for format in whole.iter().chain([&DateFormat::iso8601()]) {
            let text = format.format(original);
            assert_eq!(format.parse(&text), Some(original), "{text} by {}", format.as_str());
        }
    }
}
