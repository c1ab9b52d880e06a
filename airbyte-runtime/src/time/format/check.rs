//! The check of a date format, for constants as well as for run time.

use std::fmt;

use super::directive::{Directive, Token};
use super::epoch::EpochUnit;

/// What a date format can express.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatKind {
    /// A number of seconds, milliseconds, or microseconds since 1970.
    Epoch,
    /// A year and perhaps more of a date, but no time of day.
    DateOnly,
    /// A date and a time of day.
    DateTime {
        /// Whether the text names its offset: by `%z` or `%Z`, or by a `Z`, `+0000` or `-12:00` at the format's end.
        zoned: bool,
    },
    /// Directives that do not tell the year, such as a time of day alone.
    Other,
}

/// Where a date format is wrong, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatProblem {
    /// Offset in bytes of the directive that is wrong.
    pub at: usize,
    /// What is wrong with it, and what to write instead.
    pub what: &'static str,
}

/// Checks a date format and says what it can express, also in constants.
///
/// Refused are unknown directives (some of which Python would copy to the output), a `%` at the end,
/// a directive that stands twice (Python cannot read such a format), and a format without any directive.
///
/// ```
/// use airbyte_runtime::time::{FormatKind, check_format};
///
/// const KIND: FormatKind = match check_format("%Y-%m-%dT%H:%M:%SZ") {
///     Ok(kind) => kind,
///     Err(problem) => panic!("{}", problem.what),
/// };
/// assert_eq!(KIND, FormatKind::DateTime { zoned: true });
/// assert_eq!(check_format("%Y-%M-%d %H:%M").unwrap_err().at, 12);
/// ```
pub const fn check_format(format: &str) -> Result<FormatKind, FormatProblem> {
    if EpochUnit::from_token(format).is_some() {
        return Ok(FormatKind::Epoch);
    }
    let mut seen = Seen(0);
    if let Err(problem) = seen.scan(format.as_bytes()) {
        return Err(problem);
    }
    if seen.0 == 0 {
        return Err(FormatProblem { at: 0, what: "the format has no directive, as in `%Y-%m-%d`" });
    }
    Ok(seen.kind(ends_with_offset(format.as_bytes())))
}

impl fmt::Display for FormatProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {} of the format)", self.what, self.at)
    }
}

impl std::error::Error for FormatProblem {}

/// The directives seen so far, one bit each.
struct Seen(u32);

const YEAR: u32 = bit(Directive::Year) | bit(Directive::ShortYear) | bit(Directive::IsoYear);
const CLOCK: u32 = bit(Directive::Hour)
    | bit(Directive::Hour12)
    | bit(Directive::DayHalf)
    | bit(Directive::Minute)
    | bit(Directive::Second)
    | bit(Directive::Fraction);
const ZONE: u32 = bit(Directive::Offset) | bit(Directive::ZoneName);

const fn bit(directive: Directive) -> u32 {
    match directive {
        // Python reads each pair as one field.
        Directive::Millis => bit(Directive::Fraction),
        Directive::SpacedDay => bit(Directive::Day),
        other => 1 << other as u32,
    }
}

impl Seen {
    const fn scan(&mut self, format: &[u8]) -> Result<(), FormatProblem> {
        let mut rest = format;
        while let [first, after_first @ ..] = rest {
            if *first != b'%' {
                rest = after_first;
                continue;
            }
            let at = format.len() - rest.len();
            if let Some(what) = misplaced(rest) {
                return Err(FormatProblem { at, what });
            }
            let Some((token, length)) = Token::read(rest) else {
                return Err(FormatProblem { at, what: unknown(after_first) });
            };
            if !self.insert(token) {
                return Err(FormatProblem { at, what: "the directive repeats a part of the date that came before" });
            }
            rest = rest.split_at(length).1;
        }
        Ok(())
    }

    /// Whether what the token stands for is new.
    const fn insert(&mut self, token: Token) -> bool {
        match token {
            Token::Percent => true,
            Token::Composite(parts) => self.scan(parts.as_bytes()).is_ok(),
            Token::Directive(directive) => {
                let new = self.0 & bit(directive) == 0;
                self.0 |= bit(directive);
                new
            }
        }
    }

    const fn kind(&self, ends_with_offset: bool) -> FormatKind {
        if self.0 & YEAR == 0 {
            FormatKind::Other
        } else if self.0 & CLOCK == 0 {
            FormatKind::DateOnly
        } else {
            FormatKind::DateTime { zoned: self.0 & ZONE != 0 || ends_with_offset }
        }
    }
}

/// Airbyte's whole-format tokens inside a longer format.
const fn misplaced(text: &[u8]) -> Option<&'static str> {
    match text {
        [b'%', b's', ..] => Some("`%s` has to be the whole format; it stands for seconds since 1970, `%S` for seconds"),
        [b'%', b'm', b's', ..] => {
            Some("`%ms` has to be the whole format; milliseconds inside a format are `%_ms`, a fraction is `%f`")
        }
        [b'%', b'e', b'p', b'o', b'c', b'h', ..] => Some("`%epoch_microseconds` has to be the whole format"),
        _ => None,
    }
}

/// What to say about an unknown directive, given what follows its percent sign.
const fn unknown(text: &[u8]) -> &'static str {
    match text {
        [] => "the format ends in a lone `%`; a percent sign is written `%%`",
        [b'F', ..] => "`%F` cannot be read back; write `%Y-%m-%d`",
        [b'T', ..] => "`%T` cannot be read back; write `%H:%M:%S`",
        [b'R', ..] => "`%R` cannot be read back; write `%H:%M`",
        [b'D', ..] => "`%D` cannot be read back; write `%m/%d/%y`",
        [b'h', ..] => "`%h` cannot be read back; write `%b`",
        [b'k', ..] => "`%k` cannot be read back; write `%H`, which also reads an hour without its leading zero",
        [b'l', ..] => "`%l` cannot be read back; write `%I`, which also reads an hour without its leading zero",
        [b'P', ..] => "`%P` cannot be read back; write `%p`, which reads either case",
        [b'L' | b'N' | b'Q' | b'.' | b'0'..=b'9', ..] => "a fraction is `%f` (up to 6 digits) or `%_ms` (3 digits)",
        [b':', ..] => "write `%z`, which reads offsets with and without a colon",
        [b'-' | b'_' | b'^' | b'#' | b'E' | b'O', ..] => {
            "there are no flags between `%` and its letter; `%d`, `%m`, `%H` read numbers without leading zeros too"
        }
        _ => "unknown directive; the usual ones are `%Y` `%m` `%d` `%H` `%M` `%S` `%f` `%z`",
    }
}

/// Whether the format ends in a literal UTC offset.
const fn ends_with_offset(format: &[u8]) -> bool {
    match format {
        [.., b'Z'] => true,
        [.., b'+' | b'-', a, b, b':', c, d] | [.., b'+' | b'-', a, b, c, d] => {
            a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit() && d.is_ascii_digit()
        }
        _ => false,
    }
}
