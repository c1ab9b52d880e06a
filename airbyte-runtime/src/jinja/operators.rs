//! Python's operators.

use std::cmp::Ordering;

use minijinja::Value;
use minijinja::value::Tuple;

use super::containers::List;
use super::format::percent;
use super::limits::{self, MAX_ITEMS};
use super::objects::{View, class, elements, integer, member, view};
use super::print::text;
use super::raise::{Raise, Step};
use super::syntax::{Arithmetic, Comparison};
use super::time;

#[derive(Clone, Copy)]
enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    fn of(value: &Value) -> Option<Self> {
        match view(value) {
            View::Bool(value) => Some(Self::Int(i128::from(value))),
            View::Int(value) => Some(Self::Int(value)),
            View::Float(value) => Some(Self::Float(value)),
            _ => None,
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// Applies an operator of arithmetic.
pub(super) fn arithmetic(operator: Arithmetic, left: &Value, right: &Value) -> Step<Value> {
    if operator == Arithmetic::Concatenate {
        return joined(&text(left), &text(right));
    }
    if operator == Arithmetic::Remainder
        && let View::Str(format) = view(left)
    {
        return percent(format, right).map(Value::from);
    }
    if left.is_undefined() || right.is_undefined() {
        return Err(Raise::undefined("a value in a calculation"));
    }
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return calculate(operator, left, right);
    }
    if let (View::Time(_), _) | (_, View::Time(_)) = (view(left), view(right)) {
        return time::arithmetic(operator, left, right);
    }
    match (operator, view(left), view(right)) {
        (Arithmetic::Add, View::Str(left), View::Str(right)) => joined(left, right),
        (Arithmetic::Add, View::List, View::List) => Ok(List::value(together(left, right)?)),
        (Arithmetic::Add, View::Tuple, View::Tuple) => Ok(tuple(together(left, right)?)),
        (Arithmetic::Multiply, _, View::Int(times)) => repeat(left, times, right),
        (Arithmetic::Multiply, View::Int(times), _) => repeat(right, times, left),
        (Arithmetic::Multiply, _, View::Bool(times)) => repeat(left, i128::from(times), right),
        _ => Err(Raise::operands(symbol(operator), class(left), class(right))),
    }
}

fn joined(left: &str, right: &str) -> Step<Value> {
    let length = left.len().saturating_add(right.len());
    limits::fits(length)?;
    limits::bytes(length)?;
    Ok(Value::from([left, right].concat()))
}

fn together(left: &Value, right: &Value) -> Step<Vec<Value>> {
    let (mut left, mut right) = (elements(left)?, elements(right)?);
    limits::fits_list(left.len().saturating_add(right.len()))?;
    left.append(&mut right);
    Ok(left)
}

fn tuple(items: Vec<Value>) -> Value {
    limits::made(items.len());
    Value::from(Tuple::from(items))
}

fn symbol(operator: Arithmetic) -> &'static str {
    match operator {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::FloorDivide => "//",
        Arithmetic::Remainder => "%",
        Arithmetic::Power => "**",
        Arithmetic::Concatenate => "~",
    }
}

fn repeat(value: &Value, times: i128, other: &Value) -> Step<Value> {
    let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
    let is_small = |length: usize| length.saturating_mul(times) <= MAX_ITEMS;
    let too_much = || Raise::other(format!("a repetition makes more than {MAX_ITEMS} elements"));
    match view(value) {
        View::Str(text) if is_small(text.len()) => {
            limits::bytes(text.len().saturating_mul(times))?;
            Ok(Value::from(text.repeat(times)))
        }
        View::List | View::Tuple => {
            let items = elements(value)?;
            if !is_small(items.len()) {
                return Err(too_much());
            }
            limits::touched(items.len().saturating_mul(times))?;
            let repeated: Vec<Value> = items.iter().cycle().take(items.len() * times).cloned().collect();
            Ok(if matches!(view(value), View::Tuple) { tuple(repeated) } else { List::value(repeated) })
        }
        View::Str(_) => Err(too_much()),
        _ => Err(Raise::operands("*", class(value), class(other))),
    }
}

fn calculate(operator: Arithmetic, left: Number, right: Number) -> Step<Value> {
    if let (Number::Int(left), Number::Int(right)) = (left, right)
        && operator != Arithmetic::Divide
    {
        return calculate_integers(operator, left, right);
    }
    let (left, right) = (left.float(), right.float());
    let divides = matches!(operator, Arithmetic::Divide | Arithmetic::FloorDivide | Arithmetic::Remainder);
    if divides && right == 0.0 {
        return Err(division_by_zero());
    }
    Ok(Value::from(match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::FloorDivide => (left / right).floor(),
        Arithmetic::Power => left.powf(right),
        Arithmetic::Remainder | Arithmetic::Concatenate => {
            let remainder = left % right;
            if remainder != 0.0 && (remainder < 0.0) != (right < 0.0) { remainder + right } else { remainder }
        }
    }))
}

fn calculate_integers(operator: Arithmetic, left: i128, right: i128) -> Step<Value> {
    let divides = matches!(operator, Arithmetic::FloorDivide | Arithmetic::Remainder);
    if divides && right == 0 {
        return Err(division_by_zero());
    }
    let result = match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Power if right < 0 => return Ok(Value::from((left as f64).powf(right as f64))),
        Arithmetic::Power => u32::try_from(right).ok().and_then(|right| left.checked_pow(right)),
        // Rust rounds towards zero, Python down.
        Arithmetic::FloorDivide => left.checked_div(right).map(|quotient| {
            let rounds_up = left % right != 0 && (left < 0) != (right < 0);
            quotient - i128::from(rounds_up)
        }),
        _ => left.checked_rem(right).map(|remainder| {
            let other_sign = remainder != 0 && (remainder < 0) != (right < 0);
            if other_sign { remainder + right } else { remainder }
        }),
    };
    result.map(integer).ok_or_else(too_large)
}

/// The error of an integer that Python would hold.
pub(super) fn too_large() -> Raise {
    Raise::other("an integer needs more than 128 bits")
}

fn division_by_zero() -> Raise {
    Raise::other("division by zero")
}

/// `-value`.
pub(super) fn negative(value: &Value) -> Step<Value> {
    match (Number::of(value), view(value)) {
        (Some(Number::Int(number)), _) => number.checked_neg().map(integer).ok_or_else(too_large),
        (Some(Number::Float(number)), _) => Ok(Value::from(-number)),
        (None, View::Undefined) => Err(Raise::undefined("the operand of `-`")),
        (None, View::Time(time)) => time.negative(),
        _ => Err(Raise::Type(format!("bad operand type for unary -: '{}'", class(value)))),
    }
}

/// Applies a comparison.
pub(super) fn compare(operator: Comparison, left: &Value, right: &Value) -> Step<bool> {
    let (symbol, holds): (_, fn(Ordering) -> bool) = match operator {
        Comparison::Equal => return Ok(equals(left, right)),
        Comparison::NotEqual => return Ok(!equals(left, right)),
        Comparison::In => return contains(right, left),
        Comparison::NotIn => return contains(right, left).map(|contains| !contains),
        Comparison::Less => ("<", Ordering::is_lt),
        Comparison::LessOrEqual => ("<=", Ordering::is_le),
        Comparison::Greater => (">", Ordering::is_gt),
        Comparison::GreaterOrEqual => (">=", Ordering::is_ge),
    };
    // What is not a number is neither less nor greater.
    Ok(order(symbol, left, right)?.is_some_and(holds))
}

/// The order of two values for sorting; those without one count as equal.
pub(super) fn ordering(left: &Value, right: &Value) -> Step<Ordering> {
    Ok(order("<", left, right)?.unwrap_or(Ordering::Equal))
}

fn order(symbol: &str, left: &Value, right: &Value) -> Step<Option<Ordering>> {
    if left.is_undefined() || right.is_undefined() {
        return Err(Raise::undefined("a value in a comparison"));
    }
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return Ok(match (left, right) {
            (Number::Int(left), Number::Int(right)) => Some(left.cmp(&right)),
            (left, right) => left.float().partial_cmp(&right.float()),
        });
    }
    let sequences = |left: &Value, right: &Value| {
        let (left, right) = (elements(left)?, elements(right)?);
        match left.iter().zip(&right).find(|(left, right)| !equals(left, right)) {
            Some((left, right)) => order(symbol, left, right),
            None => Ok(Some(left.len().cmp(&right.len()))),
        }
    };
    let unordered = || Raise::operands(symbol, class(left), class(right));
    match (view(left), view(right)) {
        (View::Str(left), View::Str(right)) => {
            limits::bytes(left.len().min(right.len()))?;
            Ok(Some(left.cmp(right)))
        }
        (View::Bytes(left), View::Bytes(right)) => Ok(Some(left.cmp(right))),
        (View::List, View::List) | (View::Tuple, View::Tuple) => sequences(left, right),
        (View::Time(left), View::Time(right)) => left.order(right).map(Some).ok_or_else(unordered),
        _ => Err(unordered()),
    }
}

/// `left == right`.
pub(super) fn equals(left: &Value, right: &Value) -> bool {
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return match (left, right) {
            (Number::Int(left), Number::Int(right)) => left == right,
            (left, right) => left.float() == right.float(),
        };
    }
    match (view(left), view(right)) {
        (View::Undefined, View::Undefined) | (View::None, View::None) => true,
        // Out of steps they are unequal, which the end of the statement finds out.
        (View::Str(left), View::Str(right)) => {
            left.len() == right.len() && limits::bytes(left.len()).is_ok() && left == right
        }
        (View::Bytes(left), View::Bytes(right)) => left == right,
        (View::Time(left), View::Time(right)) => left.equals(right),
        (View::List, View::List) | (View::Tuple, View::Tuple) => {
            let (Ok(left), Ok(right)) = (elements(left), elements(right)) else { return false };
            left.len() == right.len() && left.iter().zip(&right).all(|(left, right)| equals(left, right))
        }
        (View::Dict, View::Dict) => {
            let (Ok(keys), Ok(others)) = (elements(left), elements(right)) else { return false };
            keys.len() == others.len()
                && keys.iter().all(|key| match (member(left, key), member(right, key)) {
                    (Some(left), Some(right)) => equals(&left, &right),
                    _ => false,
                })
        }
        (View::Other, View::Other) => left == right,
        _ => false,
    }
}

/// `item in container`.
pub(super) fn contains(container: &Value, item: &Value) -> Step<bool> {
    match (view(container), view(item)) {
        (View::Undefined, _) => Ok(false),
        (View::Str(text), View::Str(part)) => {
            limits::bytes(text.len())?;
            Ok(text.contains(part))
        }
        (View::Str(_), _) => {
            Err(Raise::Type(format!("'in <string>' requires string as left operand, not {}", class(item))))
        }
        (View::List | View::Tuple, _) => Ok(elements(container)?.iter().any(|element| equals(element, item))),
        (View::Dict, View::List | View::Dict) => Err(Raise::Type(format!("unhashable type: '{}'", class(item)))),
        (View::Dict, _) => {
            limits::bytes(item.as_str().map_or(0, str::len))?;
            Ok(member(container, item).is_some())
        }
        _ => Err(Raise::Type(format!("argument of type '{}' is not iterable", class(container)))),
    }
}

/// Python's truth.
pub(super) fn truth(value: &Value) -> bool {
    match view(value) {
        View::Time(time) => time.is_truthy(),
        View::Other => true,
        View::List => value.len().is_none_or(|length| length > 0),
        _ => value.is_true(),
    }
}
