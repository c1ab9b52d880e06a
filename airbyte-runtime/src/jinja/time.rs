//! Dates, date-times and durations as templates see them, with the arithmetic of Python's `datetime` and `isodate`.

mod civil;
mod methods;
mod print;
mod strftime;

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::civil::Date;
use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};

use super::objects::{View, class, integer, view};
use super::raise::{Raise, Step};
use super::syntax::Arithmetic;
use crate::time::Moment;
pub(super) use civil::parse_duration;
use civil::{add_days, shift, shift_months};
pub(super) use methods::{attribute, call, method, strptime};
pub(super) use strftime::strftime;

pub(super) const MICROS_PER_SECOND: i128 = 1_000_000;
pub(super) const MICROS_PER_DAY: i128 = 86_400 * MICROS_PER_SECOND;
/// More than the calendar has.
const MAX_YEARS: u64 = 10_000;

/// A value of time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Time {
    /// A `datetime`; a naive one has the offset zero.
    Datetime { moment: Moment, aware: bool },
    /// A `date`.
    Date(Date),
    /// A `time`, which has no zone.
    Clock(jiff::civil::Time),
    /// A `timedelta` in microseconds.
    Delta(i128),
    /// isodate's `Duration`: years, months, and a `timedelta` in microseconds.
    Duration { years: i64, months: i64, micros: i128 },
    /// A `tzinfo`, by its offset in seconds.
    Zone(i32),
}

impl Object for Time {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::from_object(time)
    }
}

impl Time {
    pub(super) fn class(&self) -> &'static str {
        match self {
            Self::Datetime { .. } => "datetime.datetime",
            Self::Date(_) => "datetime.date",
            Self::Clock(_) => "datetime.time",
            Self::Delta(_) => "datetime.timedelta",
            Self::Duration { .. } => "Duration",
            Self::Zone(_) => "datetime.timezone",
        }
    }

    /// A `timedelta` of so many microseconds, within Python's limit of a billion days.
    pub(super) fn delta(micros: i128) -> Step<Self> {
        match micros.unsigned_abs() < 1_000_000_000 * MICROS_PER_DAY.unsigned_abs() {
            true => Ok(Self::Delta(micros)),
            false => Err(Raise::other("a duration is longer than a billion days")),
        }
    }

    /// isodate's `Duration`, within ten thousand years, which no date can be moved further by.
    pub(super) fn duration(years: i64, months: i64, micros: i128) -> Step<Self> {
        Self::delta(micros)?;
        match years.unsigned_abs() <= MAX_YEARS && months.unsigned_abs() <= 12 * MAX_YEARS {
            true => Ok(Self::Duration { years, months, micros }),
            false => Err(Raise::other(format!("a duration is longer than {MAX_YEARS} years"))),
        }
    }

    pub(super) fn is_truthy(&self) -> bool {
        !matches!(self, Self::Delta(0))
    }

    /// The order of two values; `None` where Python raises a `TypeError`.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Datetime { moment, aware }, Self::Datetime { moment: other, aware: other_aware }) => {
                (aware == other_aware).then(|| moment.cmp(other))
            }
            (Self::Date(date), Self::Date(other)) => Some(date.cmp(other)),
            (Self::Clock(clock), Self::Clock(other)) => Some(clock.cmp(other)),
            (Self::Delta(micros), Self::Delta(other)) => Some(micros.cmp(other)),
            _ => None,
        }
    }

    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Duration { years, months, micros },
                Self::Duration { years: other_years, months: other_months, micros: other_micros },
            ) => years * 12 + months == other_years * 12 + other_months && micros == other_micros,
            (Self::Zone(offset), Self::Zone(other)) => offset == other,
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    pub(super) fn negative(&self) -> Step<Value> {
        match self {
            Self::Delta(micros) => Ok(Self::Delta(-micros).into()),
            Self::Duration { years, months, micros } => Self::duration(-years, -months, -micros).map(Value::from),
            _ => Err(Raise::Type(format!("bad operand type for unary -: '{}'", self.class()))),
        }
    }
}

/// Applies an operator where one of the operands is a value of time.
pub(super) fn arithmetic(operator: Arithmetic, left: &Value, right: &Value) -> Step<Value> {
    let result = match (view(left), view(right)) {
        (View::Time(left), View::Time(right)) => match operator {
            Arithmetic::Add => sum(left, right, 1).or_else(|| sum(right, left, 1)).map(into_value),
            Arithmetic::Subtract => difference(left, right).map(into_value),
            _ => quotient(operator, left, right),
        },
        (View::Time(time), factor) => scaled(operator, time, &factor),
        (factor, View::Time(time)) if operator == Arithmetic::Multiply => scaled(operator, time, &factor),
        _ => None,
    };
    result.unwrap_or_else(|| {
        let symbol = if operator == Arithmetic::Add { "+" } else { "an operator" };
        Err(Raise::operands(symbol, class(left), class(right)))
    })
}

fn into_value(time: Step<Time>) -> Step<Value> {
    time.map(Value::from)
}

/// `left + right`, or `left - right` with the sign -1; `None` if Python knows no such sum.
fn sum(left: &Time, right: &Time, sign: i64) -> Option<Step<Time>> {
    let signed = |micros: i128| micros * i128::from(sign);
    Some(match (*left, *right) {
        (Time::Datetime { moment, aware }, Time::Delta(micros)) => shift(moment, aware, signed(micros)),
        (Time::Date(date), Time::Delta(micros)) => {
            add_days(date, i128::from(sign) * micros.div_euclid(MICROS_PER_DAY)).map(Time::Date)
        }
        (Time::Datetime { moment, aware }, Time::Duration { years, months, micros }) => {
            shift_months(moment.civil(), sign * (years * 12 + months))
                .and_then(|civil| civil::moment(civil, moment.offset_seconds()))
                .and_then(|moment| shift(moment, aware, signed(micros)))
        }
        (Time::Date(date), Time::Duration { years, months, micros }) => {
            shift_months(date.into(), sign * (years * 12 + months))
                .and_then(|civil| add_days(civil.date(), i128::from(sign) * micros.div_euclid(MICROS_PER_DAY)))
                .map(Time::Date)
        }
        (Time::Delta(left), Time::Delta(right)) => Time::delta(left.saturating_add(signed(right))),
        (Time::Duration { years, months, micros }, Time::Delta(right)) => {
            Time::duration(years, months, micros.saturating_add(signed(right)))
        }
        (
            Time::Duration { years, months, micros },
            Time::Duration { years: other_years, months: other_months, micros: other_micros },
        ) => Time::duration(
            years.saturating_add(sign * other_years),
            months.saturating_add(sign * other_months),
            micros.saturating_add(signed(other_micros)),
        ),
        _ => return None,
    })
}

fn difference(left: &Time, right: &Time) -> Option<Step<Time>> {
    match (*left, *right) {
        (Time::Datetime { moment, aware }, Time::Datetime { moment: other, aware: other_aware }) => {
            (aware == other_aware).then(|| Ok(Time::Delta((moment.epoch_nanos() - other.epoch_nanos()) / 1_000)))
        }
        (Time::Date(date), Time::Date(other)) => Some(Ok(Time::Delta(date.duration_since(other).as_micros()))),
        (Time::Delta(left), Time::Duration { years, months, micros }) => {
            Some(Time::duration(-years, -months, left.saturating_sub(micros)))
        }
        _ => sum(left, right, -1),
    }
}

/// The quotient or remainder of two `timedelta`s.
fn quotient(operator: Arithmetic, left: &Time, right: &Time) -> Option<Step<Value>> {
    let (Time::Delta(left), Time::Delta(right)) = (*left, *right) else { return None };
    if right == 0 {
        return Some(Err(Raise::other("division by zero")));
    }
    let floor = floor_division(left, right);
    Some(Ok(match operator {
        Arithmetic::Divide => Value::from(left as f64 / right as f64),
        Arithmetic::FloorDivide => integer(floor),
        Arithmetic::Remainder => Time::Delta(left - floor * right).into(),
        _ => return None,
    }))
}

/// Rounds down; the divisor is not zero.
fn floor_division(left: i128, right: i128) -> i128 {
    let quotient = left.checked_div(right).unwrap_or(0);
    if quotient * right != left && (left < 0) != (right < 0) { quotient - 1 } else { quotient }
}

/// A `timedelta` or `Duration` multiplied or divided by a number.
fn scaled(operator: Arithmetic, time: &Time, factor: &View<'_>) -> Option<Step<Value>> {
    let factor = match *factor {
        View::Int(factor) => factor,
        View::Bool(factor) => i128::from(factor),
        View::Float(factor) => {
            let Time::Delta(micros) = *time else { return None };
            let scaled = match operator {
                Arithmetic::Multiply => micros as f64 * factor,
                Arithmetic::Divide if factor != 0.0 => micros as f64 / factor,
                Arithmetic::Divide => return Some(Err(Raise::other("division by zero"))),
                _ => return None,
            };
            return Some(Time::delta(scaled.round_ties_even() as i128).map(Value::from));
        }
        _ => return None,
    };
    let scaled = match (*time, operator) {
        (_, Arithmetic::Divide | Arithmetic::FloorDivide) if factor == 0 => Err(Raise::other("division by zero")),
        (Time::Delta(micros), Arithmetic::Multiply) => Time::delta(micros.saturating_mul(factor)),
        (Time::Delta(micros), Arithmetic::FloorDivide) => Time::delta(floor_division(micros, factor)),
        (Time::Delta(micros), Arithmetic::Divide) => {
            Time::delta((micros as f64 / factor as f64).round_ties_even() as i128)
        }
        (Time::Duration { years, months, micros }, Arithmetic::Multiply) => match i64::try_from(factor) {
            Ok(times) => {
                Time::duration(years.saturating_mul(times), months.saturating_mul(times), micros.saturating_mul(factor))
            }
            Err(_) => Err(Raise::other("a duration is too long")),
        },
        _ => return None,
    };
    Some(scaled.map(Value::from))
}
