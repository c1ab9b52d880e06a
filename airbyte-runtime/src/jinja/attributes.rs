//! Attributes and items: Jinja's `a.b` asks for Python's attribute first, `a['b']` for the item first.

use minijinja::Value;
use minijinja::value::Tuple;

use super::containers::{List, NamedTuple};
use super::limits;
use super::objects::{
    Cycler, Loop, Method, Namespace, Record, StreamSlice, View, class, elements, integer, member, view,
};
use super::raise::{Raise, Step};
use super::{methods, time};

/// What Python has on every object; the sandbox hides it.
const HIDDEN: &[&str] = &[
    "__class__",
    "__delattr__",
    "__dict__",
    "__dir__",
    "__doc__",
    "__eq__",
    "__format__",
    "__ge__",
    "__getattribute__",
    "__getitem__",
    "__gt__",
    "__hash__",
    "__init__",
    "__init_subclass__",
    "__iter__",
    "__le__",
    "__len__",
    "__lt__",
    "__module__",
    "__ne__",
    "__new__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__setattr__",
    "__sizeof__",
    "__str__",
    "__subclasshook__",
];

/// `value.name`; `what` is how errors call the value.
pub(super) fn attribute(value: &Value, name: &str, what: impl FnOnce() -> String) -> Step<Value> {
    if value.is_undefined() {
        return Err(Raise::undefined(&what()));
    }
    if let Some(found) = python_attribute(value, name) {
        return Ok(found);
    }
    Ok(match view(value) {
        View::Dict => member(value, &Value::from(name)).unwrap_or_default(),
        _ => Value::UNDEFINED,
    })
}

/// `value[key]`; `what` is how errors call the value.
pub(super) fn item(value: &Value, key: &Value, what: impl FnOnce() -> String) -> Step<Value> {
    if value.is_undefined() {
        return Err(Raise::undefined(&what()));
    }
    limits::bytes(key.as_str().map_or(0, str::len))?;
    let found = match (view(value), view(key)) {
        (View::Dict, View::List | View::Dict) => None,
        (View::Dict, _) => member(value, key),
        (View::List | View::Tuple | View::Str(_), View::Bool(index)) => at(value, i128::from(index))?,
        (View::List | View::Tuple | View::Str(_), View::Int(index)) => at(value, index)?,
        _ => None,
    };
    Ok(match (found, view(key)) {
        (Some(found), _) => found,
        (None, View::Str(name)) => python_attribute(value, name).unwrap_or_default(),
        (None, _) => Value::UNDEFINED,
    })
}

fn at(value: &Value, index: i128) -> Step<Option<Value>> {
    if let View::Str(text) = view(value) {
        let length = if index < 0 { text.chars().count() } else { 0 };
        let place = usize::try_from(index + length as i128).ok();
        limits::bytes(text.len().min(place.unwrap_or(0).max(length)))?;
        return Ok(place.and_then(|place| text.chars().nth(place)).map(|char| Value::from(char.to_string())));
    }
    let length = value.len().unwrap_or(0);
    let place = if index < 0 { index + length as i128 } else { index };
    let Some(place) = usize::try_from(place).ok().filter(|place| *place < length) else { return Ok(None) };
    match member(value, &Value::from(place)) {
        Some(found) => Ok(Some(found)),
        None => Ok(elements(value)?.into_iter().nth(place)),
    }
}

fn python_attribute(value: &Value, name: &str) -> Option<Value> {
    if name.starts_with("__") && HIDDEN.contains(&name) {
        return Some(Value::UNDEFINED);
    }
    if let Some(method) = method(value, name) {
        return Some(Value::from_object(Method { receiver: value.clone(), name: method }));
    }
    match view(value) {
        View::Dict => of_mapping(value, name),
        View::Time(time) => time::attribute(time, name),
        View::Tuple => value.downcast_object_ref::<NamedTuple>()?.field(name),
        View::Other => of_object(value, name),
        _ => None,
    }
}

/// The method's name if the value has one that is called so.
pub(super) fn method(value: &Value, name: &str) -> Option<&'static str> {
    match view(value) {
        View::Time(time) => time::method(time, name),
        View::Other if value.downcast_object_ref::<Loop>().is_some() => (name == "cycle").then_some("cycle"),
        View::Other if value.downcast_object_ref::<Cycler>().is_some() => {
            ["next", "reset"].into_iter().find(|method| *method == name)
        }
        kind => methods::find(&kind, value, name),
    }
}

fn of_mapping(value: &Value, name: &str) -> Option<Value> {
    if let Some(slice) = value.downcast_object_ref::<StreamSlice>() {
        return match name {
            "partition" | "_partition" => Some(slice.partition.clone()),
            "cursor_slice" => Some(slice.cursor_slice.clone()),
            "extra_fields" => Some(slice.extra_fields.clone()),
            "_cursor_slice" | "_extra_fields" | "_stream_slice" => Some(Value::UNDEFINED),
            _ => None,
        };
    }
    let record = value.downcast_object_ref::<Record>()?;
    match name {
        "data" => Some(record.data.clone()),
        "associated_slice" | "file_reference" => Some(Value::from(())),
        "_data" | "_associated_slice" | "_file_reference" => Some(Value::UNDEFINED),
        _ => None,
    }
}

fn of_object(value: &Value, name: &str) -> Option<Value> {
    if let Some(namespace) = value.downcast_object_ref::<Namespace>() {
        return namespace.get(name);
    }
    let each = value.downcast_object_ref::<Loop>()?;
    let last = each.length.saturating_sub(1);
    Some(match name {
        "index" => Value::from(each.index + 1),
        "index0" => Value::from(each.index),
        "revindex" => Value::from(each.length.saturating_sub(each.index)),
        "revindex0" => Value::from(last.saturating_sub(each.index)),
        "first" => Value::from(each.index == 0),
        "last" => Value::from(each.index == last),
        "length" => Value::from(each.length),
        "depth" => Value::from(1),
        "depth0" => Value::from(0),
        "previtem" => each.previous.clone(),
        "nextitem" => each.next.clone(),
        _ => return None,
    })
}

/// `value[start:stop:step]`.
pub(super) fn slice(value: &Value, bounds: [Option<Value>; 3], what: impl FnOnce() -> String) -> Step<Value> {
    let [start, stop, step] = bounds.map(|bound| bound.as_ref().map_or(Ok(None), index));
    let (start, stop, step) = (start?, stop?, step?.unwrap_or(1));
    if step == 0 {
        return Err(Raise::other("slice step cannot be zero"));
    }
    match view(value) {
        View::Undefined => Err(Raise::undefined(&what())),
        View::Str(text) => {
            limits::bytes(text.len().saturating_mul(size_of::<char>()))?;
            let chars: Vec<char> = text.chars().collect();
            Ok(Value::from(choose(&chars, start, stop, step).into_iter().collect::<String>()))
        }
        View::Tuple => Ok(Value::from(Tuple::from(choose(&elements(value)?, start, stop, step)))),
        View::List => Ok(List::value(choose(&elements(value)?, start, stop, step))),
        _ => Err(Raise::Type(format!("'{}' object is not subscriptable", class(value)))),
    }
}

fn index(value: &Value) -> Step<Option<i128>> {
    match view(value) {
        View::None => Ok(None),
        View::Int(index) => Ok(Some(index)),
        View::Bool(index) => Ok(Some(i128::from(index))),
        _ => Err(Raise::type_error("slice indices must be integers or None")),
    }
}

fn choose<T: Clone>(items: &[T], start: Option<i128>, stop: Option<i128>, step: i128) -> Vec<T> {
    let length = items.len() as i128;
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let clamp = |bound: i128| (if bound < 0 { bound.saturating_add(length) } else { bound }).clamp(lowest, highest);
    let (first, end) = if step > 0 { (lowest, highest) } else { (highest, lowest) };
    let (mut at, end) = (start.map_or(first, clamp), stop.map_or(end, clamp));
    let mut chosen = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        chosen.extend(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned());
        at = at.saturating_add(step);
    }
    chosen
}

/// How many elements a value has.
pub(super) fn length(value: &Value) -> Step<Value> {
    match view(value) {
        View::Undefined => Ok(Value::from(0)),
        View::Str(text) => {
            limits::bytes(text.len())?;
            Ok(integer(text.chars().count() as i128))
        }
        View::Bytes(bytes) => Ok(Value::from(bytes.len())),
        View::List | View::Tuple | View::Dict => Ok(Value::from(elements(value)?.len())),
        _ => Err(Raise::Type(format!("object of type '{}' has no len()", class(value)))),
    }
}
