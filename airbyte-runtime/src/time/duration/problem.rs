//! What can be wrong with the text of a duration.

use std::fmt;

/// What is wrong with the text of a [`Duration`](super::Duration).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationProblem(pub(super) Reason);

impl DurationProblem {
    /// What is wrong, with an example of what is right.
    pub const fn message(&self) -> &'static str {
        match self.0 {
            Reason::NoDesignator => "a duration starts with `P`, as in `P30D` or `PT1H`",
            Reason::NumberAndUnit => {
                "a duration is not a number and a unit but ISO 8601: `P30D` is 30 days, `PT1H` is one hour"
            }
            Reason::NumberOnly => "a number alone has no unit; write `PT30S` for 30 seconds or `P30D` for 30 days",
            Reason::Sign => "a duration has no sign; it starts with `P`, as in `P30D` or `PT1H`",
            Reason::LowerCase => "the letters of a duration are capitals, as in `P30D` or `PT1H`",
            Reason::Empty => "a duration needs an amount after `P`, as in `P30D` or `PT1H`",
            Reason::EmptyClock => "`T` is followed by hours, minutes, or seconds, as in `PT1H`",
            Reason::NoAmount => "a unit follows its amount, as in `P30D` or `PT1H`",
            Reason::NoUnit => "an amount needs its unit, as in `P30D` or `PT1H`",
            Reason::UnknownUnit => "the units are `Y`, `M`, `W`, `D`, and after a `T` `H`, `M`, `S`, as in `P1DT12H`",
            Reason::ClockUnitBeforeT => "hours and seconds stand after a `T`, as in `PT1H`",
            Reason::DateUnitAfterT => "years, weeks, and days stand before the `T`, as in `P1DT12H`",
            Reason::Order => "units stand in descending order, each once, as in `P1Y2M3DT4H5M6S`",
            Reason::DecimalsInside => "only the last amount may have decimals, as in `P1DT1.5H`",
            Reason::DecimalMonths => "years and months are whole numbers, as in `P1Y6M` for a year and a half",
            Reason::TooLong => "the duration is too long to be added to any date",
        }
    }
}

impl fmt::Display for DurationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for DurationProblem {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    NoDesignator,
    NumberAndUnit,
    NumberOnly,
    Sign,
    LowerCase,
    Empty,
    EmptyClock,
    NoAmount,
    NoUnit,
    UnknownUnit,
    ClockUnitBeforeT,
    DateUnitAfterT,
    Order,
    DecimalsInside,
    DecimalMonths,
    TooLong,
}
