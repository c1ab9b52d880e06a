//! Jinja's tests: what may stand behind `is`.

use minijinja::Value;

use super::arguments::{Arguments, Routine};
use super::evaluation::Evaluation;
use super::objects::{Declared, Function, Method, View, integer, view};
use super::operators::{compare, equals, truth};
use super::print::text;
use super::raise::Step;
use super::syntax::{Arithmetic, Comparison};
use super::{filters, operators};

/// The test of this name.
pub(super) fn find(name: &str) -> Option<Routine> {
    Some(match name {
        "defined" => |_, arguments| kind(arguments, "defined", |value| !value.is_undefined()),
        "undefined" => |_, arguments| kind(arguments, "undefined", Value::is_undefined),
        "none" => |_, arguments| kind(arguments, "none", Value::is_none),
        "boolean" => |_, arguments| kind(arguments, "boolean", |value| matches!(view(value), View::Bool(_))),
        "true" => |_, arguments| kind(arguments, "true", |value| matches!(view(value), View::Bool(true))),
        "false" => |_, arguments| kind(arguments, "false", |value| matches!(view(value), View::Bool(false))),
        "integer" => |_, arguments| kind(arguments, "integer", |value| matches!(view(value), View::Int(_))),
        "float" => |_, arguments| kind(arguments, "float", |value| matches!(view(value), View::Float(_))),
        "number" => |_, arguments| {
            kind(arguments, "number", |value| matches!(view(value), View::Int(_) | View::Float(_) | View::Bool(_)))
        },
        "string" => |_, arguments| kind(arguments, "string", |value| matches!(view(value), View::Str(_))),
        "mapping" => |_, arguments| kind(arguments, "mapping", |value| matches!(view(value), View::Dict)),
        "sequence" => |_, arguments| {
            kind(arguments, "sequence", |value| {
                matches!(view(value), View::Str(_) | View::Bytes(_) | View::List | View::Tuple | View::Dict)
            })
        },
        "iterable" => |_, arguments| {
            kind(arguments, "iterable", |value| {
                !matches!(
                    view(value),
                    View::None | View::Bool(_) | View::Int(_) | View::Float(_) | View::Time(_) | View::Other
                )
            })
        },
        "callable" => |_, arguments| {
            kind(arguments, "callable", |value| {
                value.downcast_object_ref::<Method>().is_some()
                    || value.downcast_object_ref::<Function>().is_some()
                    || value.downcast_object_ref::<Declared>().is_some()
                    || value.is_undefined()
            })
        },
        "escaped" => |_, arguments| kind(arguments, "escaped", |_| false),
        "lower" => |_, arguments| kind(arguments, "lower", |value| is_cased(&text(value), char::is_uppercase)),
        "upper" => |_, arguments| kind(arguments, "upper", |value| is_cased(&text(value), char::is_lowercase)),
        "odd" => |_, arguments| remainder(arguments, "odd", 2, 1),
        "even" => |_, arguments| remainder(arguments, "even", 2, 0),
        "divisibleby" => |_, arguments| {
            let [value, divisor] = pair(arguments, "divisibleby")?;
            let rest = operators::arithmetic(Arithmetic::Remainder, &value, &divisor)?;
            Ok(Value::from(equals(&rest, &Value::from(0))))
        },
        "sameas" => |_, arguments| {
            let [value, other] = pair(arguments, "sameas")?;
            let same_kind = std::mem::discriminant(&view(&value)) == std::mem::discriminant(&view(&other));
            Ok(Value::from(same_kind && equals(&value, &other)))
        },
        "filter" => |_, arguments| kind(arguments, "filter", |value| filters::find(&text(value)).is_some()),
        "test" => |_, arguments| kind(arguments, "test", |value| find(&text(value)).is_some()),
        "eq" | "equalto" | "==" => |_, arguments| comparison(arguments, Comparison::Equal),
        "ne" | "!=" => |_, arguments| comparison(arguments, Comparison::NotEqual),
        "lt" | "lessthan" | "<" => |_, arguments| comparison(arguments, Comparison::Less),
        "le" | "<=" => |_, arguments| comparison(arguments, Comparison::LessOrEqual),
        "gt" | "greaterthan" | ">" => |_, arguments| comparison(arguments, Comparison::Greater),
        "ge" | ">=" => |_, arguments| comparison(arguments, Comparison::GreaterOrEqual),
        "in" => |_, arguments| comparison(arguments, Comparison::In),
        _ => return None,
    })
}

fn kind(arguments: Arguments, name: &str, holds: impl FnOnce(&Value) -> bool) -> Step<Value> {
    Ok(Value::from(holds(&arguments.single(name)?)))
}

fn pair(arguments: Arguments, name: &str) -> Step<[Value; 2]> {
    Ok(arguments.bind(name, ["value", "other"], 2)?.map(Option::unwrap_or_default))
}

fn comparison(arguments: Arguments, operator: Comparison) -> Step<Value> {
    let [left, right] = pair(arguments, "a comparison")?;
    compare(operator, &left, &right).map(Value::from)
}

fn remainder(arguments: Arguments, name: &str, divisor: i128, rest: i128) -> Step<Value> {
    let value = arguments.single(name)?;
    let found = operators::arithmetic(Arithmetic::Remainder, &value, &integer(divisor))?;
    Ok(Value::from(equals(&found, &integer(rest))))
}

fn is_cased(text: &str, other: fn(char) -> bool) -> bool {
    text.chars().any(|char| char.is_lowercase() || char.is_uppercase()) && !text.chars().any(other)
}

/// Whether a value passes the test, or is true where no test is named.
pub(super) fn passes(
    run: &mut Evaluation<'_>,
    test: Option<Routine>,
    value: Value,
    arguments: &Arguments,
) -> Step<bool> {
    let Some(test) = test else { return Ok(truth(&value)) };
    let mut arguments = arguments.clone();
    arguments.positional.insert(0, value);
    run.run(test, arguments).map(|result| truth(&result))
}
