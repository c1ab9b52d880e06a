//! The directives of a date format.

/// One field of a date format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    /// `%Y`
    Year,
    /// `%y`
    ShortYear,
    /// `%G`
    IsoYear,
    /// `%m`
    Month,
    /// `%B`
    MonthName,
    /// `%b`
    MonthAbbreviation,
    /// `%d`
    Day,
    /// `%e`, written with a space instead of a zero.
    SpacedDay,
    /// `%j`
    DayOfYear,
    /// `%A`
    WeekdayName,
    /// `%a`
    WeekdayAbbreviation,
    /// `%w`, where Sunday is 0.
    WeekdayFromSunday,
    /// `%u`, where Monday is 1.
    WeekdayFromMonday,
    /// `%U`
    WeekFromSunday,
    /// `%W`
    WeekFromMonday,
    /// `%V`
    IsoWeek,
    /// `%H`
    Hour,
    /// `%I`
    Hour12,
    /// `%p`
    DayHalf,
    /// `%M`
    Minute,
    /// `%S`
    Second,
    /// `%f`
    Fraction,
    /// `%_ms`
    Millis,
    /// `%z`
    Offset,
    /// `%Z`
    ZoneName,
}

/// What a percent sign introduces.
#[derive(Clone, Copy)]
pub(super) enum Token {
    Directive(Directive),
    /// Shorthand for several directives and the text between them.
    Composite(&'static str),
    /// `%%`
    Percent,
}

pub(super) const ABBREVIATION_LENGTH: usize = 3;

impl Token {
    /// The token at the start of the text, and its length in bytes; `None` if it is not a known one.
    pub(super) const fn read(text: &[u8]) -> Option<(Self, usize)> {
        match text {
            [b'%', b'_', b'm', b's', ..] => Some((Self::Directive(Directive::Millis), 4)),
            [b'%', letter, ..] => match Self::from_letter(*letter) {
                Some(token) => Some((token, 2)),
                None => None,
            },
            _ => None,
        }
    }

    const fn from_letter(letter: u8) -> Option<Self> {
        Some(Self::Directive(match letter {
            b'Y' => Directive::Year,
            b'y' => Directive::ShortYear,
            b'G' => Directive::IsoYear,
            b'm' => Directive::Month,
            b'B' => Directive::MonthName,
            b'b' => Directive::MonthAbbreviation,
            b'd' => Directive::Day,
            b'e' => Directive::SpacedDay,
            b'j' => Directive::DayOfYear,
            b'A' => Directive::WeekdayName,
            b'a' => Directive::WeekdayAbbreviation,
            b'w' => Directive::WeekdayFromSunday,
            b'u' => Directive::WeekdayFromMonday,
            b'U' => Directive::WeekFromSunday,
            b'W' => Directive::WeekFromMonday,
            b'V' => Directive::IsoWeek,
            b'H' => Directive::Hour,
            b'I' => Directive::Hour12,
            b'p' => Directive::DayHalf,
            b'M' => Directive::Minute,
            b'S' => Directive::Second,
            b'f' => Directive::Fraction,
            b'z' => Directive::Offset,
            b'Z' => Directive::ZoneName,
            b'c' => return Some(Self::Composite("%a %b %e %H:%M:%S %Y")),
            b'x' => return Some(Self::Composite("%m/%d/%y")),
            b'X' => return Some(Self::Composite("%H:%M:%S")),
            b'%' => return Some(Self::Percent),
            _ => return None,
        }))
    }
}
