//! Reads the ISO 8601 form of a duration, without a heap, so that constants can hold one.

use super::problem::Reason;
use super::{DAY, Duration, HOUR, MINUTE, MONTHS_PER_YEAR, SECOND, WEEK};

/// Longer than the calendar from the year 1 to 9999.
const TOO_LONG: i128 = 10_000 * 365 * DAY;

pub(super) const fn parse(text: &[u8]) -> Result<Duration, Reason> {
    let mut reader = match text {
        [b'P'] => return Err(Reason::Empty),
        [b'P', rest @ ..] => Reader { rest, clock: false, rank: 0, total: Duration { months: 0, nanos: 0 } },
        other => return Err(without_designator(other)),
    };
    while !reader.rest.is_empty() {
        reader = match reader.component() {
            Ok(next) => next,
            Err(reason) => return Err(reason),
        };
    }
    if reader.total.approximate_nanos() >= TOO_LONG {
        return Err(Reason::TooLong);
    }
    Ok(reader.total)
}

/// What to say about a text that does not start with `P`.
const fn without_designator(text: &[u8]) -> Reason {
    match text {
        [b'+' | b'-', b'P', ..] => Reason::Sign,
        [b'p', ..] => Reason::LowerCase,
        [b'0'..=b'9', ..] => match skip_number(text) {
            [] => Reason::NumberOnly,
            [letter, ..] if letter.is_ascii_alphabetic() => Reason::NumberAndUnit,
            _ => Reason::NoDesignator,
        },
        _ => Reason::NoDesignator,
    }
}

const fn skip_number(mut text: &[u8]) -> &[u8] {
    while let [b'0'..=b'9' | b'.' | b' ', tail @ ..] = text {
        text = tail;
    }
    text
}

/// The state between two components.
#[derive(Clone, Copy)]
struct Reader<'text> {
    rest: &'text [u8],
    /// Whether the `T` has been read.
    clock: bool,
    /// The place of the last unit in the prescribed order.
    rank: u8,
    total: Duration,
}

impl Reader<'_> {
    /// Reads a `T`, or an amount and its unit.
    const fn component(mut self) -> Result<Self, Reason> {
        if let [b'T', tail @ ..] = self.rest {
            if self.clock || tail.is_empty() {
                return Err(if self.clock { Reason::Order } else { Reason::EmptyClock });
            }
            (self.clock, self.rest) = (true, tail);
            return Ok(self);
        }
        let (amount, rest) = match Amount::split(self.rest) {
            Ok(split) => split,
            Err(reason) => return Err(reason),
        };
        let (letter, rest) = match rest {
            [letter, rest @ ..] => (*letter, rest),
            [] => return Err(Reason::NoUnit),
        };
        let (rank, unit) = match Unit::from_letter(letter, self.clock) {
            Ok(found) => found,
            Err(reason) => return Err(reason),
        };
        if rank <= self.rank {
            return Err(Reason::Order);
        }
        if amount.has_decimals && !rest.is_empty() {
            return Err(Reason::DecimalsInside);
        }
        (self.rest, self.rank) = (rest, rank);
        self.add(amount, unit)
    }

    const fn add(mut self, amount: Amount, unit: Unit) -> Result<Self, Reason> {
        match unit {
            Unit::Months(_) if amount.has_decimals => return Err(Reason::DecimalMonths),
            Unit::Months(months) => {
                // The two factors fit into 68 bits and the sum of years and months into one more.
                let sum = amount.whole as u128 * months as u128 + self.total.months as u128;
                if sum > u32::MAX as u128 {
                    return Err(Reason::TooLong);
                }
                self.total.months = sum as u32;
            }
            Unit::Nanos(nanos) => {
                // A week has 50 bits of nanoseconds and an amount 64, so that neither product can overflow.
                self.total.nanos +=
                    amount.whole as i128 * nanos + amount.decimals as i128 * nanos / amount.divisor as i128;
            }
        }
        Ok(self)
    }
}

#[derive(Clone, Copy)]
enum Unit {
    Months(u32),
    Nanos(i128),
}

impl Unit {
    /// The unit and its place in the prescribed order.
    const fn from_letter(letter: u8, clock: bool) -> Result<(u8, Self), Reason> {
        Ok(match (letter, clock) {
            (b'Y', false) => (1, Self::Months(MONTHS_PER_YEAR)),
            (b'M', false) => (2, Self::Months(1)),
            (b'W', false) => (3, Self::Nanos(WEEK)),
            (b'D', false) => (4, Self::Nanos(DAY)),
            (b'H', true) => (5, Self::Nanos(HOUR)),
            (b'M', true) => (6, Self::Nanos(MINUTE)),
            (b'S', true) => (7, Self::Nanos(SECOND)),
            (b'H' | b'S', false) => return Err(Reason::ClockUnitBeforeT),
            (b'Y' | b'W' | b'D', true) => return Err(Reason::DateUnitAfterT),
            (b'y' | b'm' | b'w' | b'd' | b'h' | b's' | b't', _) => return Err(Reason::LowerCase),
            _ => return Err(Reason::UnknownUnit),
        })
    }
}

/// A number: `whole` and `decimals / divisor`.
#[derive(Clone, Copy)]
struct Amount {
    whole: u64,
    decimals: u64,
    divisor: u64,
    has_decimals: bool,
}

impl Amount {
    const fn split(text: &[u8]) -> Result<(Self, &[u8]), Reason> {
        let mut amount = Self { whole: 0, decimals: 0, divisor: 1, has_decimals: false };
        let mut rest = text;
        while let [digit @ b'0'..=b'9', tail @ ..] = rest {
            amount.whole = match amount.whole.checked_mul(10) {
                Some(tens) if tens <= u64::MAX - 9 => tens + (*digit - b'0') as u64,
                _ => return Err(Reason::TooLong),
            };
            rest = tail;
        }
        if rest.len() == text.len() {
            return Err(match rest {
                [b'+' | b'-', ..] => Reason::Sign,
                [b't', ..] => Reason::LowerCase,
                _ => Reason::NoAmount,
            });
        }
        if let [b'.' | b',', tail @ ..] = rest {
            amount.has_decimals = true;
            rest = amount.read_decimals(tail);
            if rest.len() == tail.len() {
                return Err(Reason::NoAmount);
            }
        }
        Ok((amount, rest))
    }

    /// Digits after the eighteenth are less than a nanosecond of any unit and are dropped.
    const fn read_decimals<'text>(&mut self, mut rest: &'text [u8]) -> &'text [u8] {
        while let [digit @ b'0'..=b'9', tail @ ..] = rest {
            if self.divisor < 1_000_000_000_000_000_000 {
                self.decimals = self.decimals * 10 + (*digit - b'0') as u64;
                self.divisor *= 10;
            }
            rest = tail;
        }
        rest
    }
}
