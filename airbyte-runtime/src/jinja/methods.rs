//! The methods of Python's texts, lists and mappings.

mod of_dict;
mod of_text;

use minijinja::Value;
use minijinja::value::Tuple;

use super::arguments::Arguments;
use super::containers::{Dict, List, changeable};
use super::limits;
use super::objects::{Cycler, Loop, View, class, elements, extent, mapping, member, view};
use super::operators::{equals, ordering};
use super::raise::{Raise, Step};
use super::time;

const OF_MAPPINGS: &[&str] =
    &["get", "items", "keys", "values", "copy", "pop", "popitem", "update", "clear", "setdefault", "fromkeys"];
/// What a record or slice has, which cannot be changed.
const OF_VIEWS: &[&str] = &["get", "items", "keys", "values"];
const OF_LISTS: &[&str] =
    &["append", "extend", "insert", "pop", "remove", "clear", "reverse", "sort", "copy", "count", "index"];
const OF_TUPLES: &[&str] = &["count", "index"];

/// The method's name if values of this kind have it.
pub(super) fn find(kind: &View<'_>, value: &Value, name: &str) -> Option<&'static str> {
    let names = match kind {
        View::Dict if class(value) == "dict" => OF_MAPPINGS,
        View::Dict => OF_VIEWS,
        View::List => OF_LISTS,
        View::Tuple => OF_TUPLES,
        View::Str(_) => of_text::NAMES,
        View::Float(_) => &["is_integer"],
        View::Bytes(_) => &["decode", "hex"],
        _ => return None,
    };
    names.iter().find(|method| **method == name).copied()
}

/// What changes a list or mapping.
const CHANGES: &[&str] =
    &["append", "extend", "insert", "pop", "popitem", "remove", "clear", "reverse", "sort", "update", "setdefault"];

/// Whether a method of this name changes what it belongs to.
pub(super) fn changes(name: &str) -> bool {
    CHANGES.contains(&name)
}

/// Whether every mapping has a method of this name.
pub(super) fn is_of_mapping(name: &str) -> bool {
    OF_MAPPINGS.contains(&name)
}

/// What errors call a value whose methods are known.
pub(super) fn kind(value: &Value) -> Option<&'static str> {
    match view(value) {
        View::Str(_) => Some("a text"),
        View::List => Some("a list"),
        View::Tuple => Some("a tuple"),
        View::Dict => Some("a mapping"),
        View::Bool(_) | View::Int(_) | View::Float(_) => Some("a number"),
        _ => None,
    }
}

/// Calls a method that [`find`] has named, and pays for the texts that go in and come out.
pub(super) fn call(receiver: &Value, name: &'static str, arguments: Arguments) -> Step<Value> {
    limits::bytes(receiver.as_str().map_or(0, str::len))?;
    limits::given(&arguments)?;
    let result = dispatch(receiver, name, arguments)?;
    limits::result(&result)?;
    Ok(result)
}

fn dispatch(receiver: &Value, name: &'static str, arguments: Arguments) -> Step<Value> {
    match view(receiver) {
        View::Str(text) => of_text::call(text, name, arguments),
        View::Dict => of_mapping(receiver, name, arguments),
        View::List | View::Tuple => of_list(receiver, name, arguments),
        View::Time(time) => time::call(time, name, arguments),
        View::Float(value) => Ok(Value::from(value.fract() == 0.0)),
        View::Bytes(bytes) if name == "hex" => {
            Ok(Value::from(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
        }
        View::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::from(text)),
            Err(_) => Err(Raise::other("the bytes are no UTF-8 text")),
        },
        _ => of_object(receiver, name, arguments),
    }
}

fn of_mapping(receiver: &Value, name: &'static str, arguments: Arguments) -> Step<Value> {
    let pair = |key: &Value| Value::from(Tuple::from([key.clone(), member(receiver, key).unwrap_or_default()]));
    match name {
        "get" => {
            let [key, default] = arguments.bind(name, ["key", "default"], 1)?;
            let key = key.unwrap_or_default();
            refuse_unhashable(&key)?;
            Ok(member(receiver, &key).unwrap_or_else(|| default.unwrap_or_else(|| Value::from(()))))
        }
        "items" | "keys" | "values" | "copy" => {
            let [] = arguments.bind(name, [], 0)?;
            let keys = elements(receiver)?;
            Ok(match name {
                "items" => List::value(keys.iter().map(pair).collect()),
                "keys" => List::value(keys),
                "copy" => mapping(keys.iter().map(|key| (key.clone(), member(receiver, key).unwrap_or_default()))),
                _ => List::value(keys.iter().map(|key| member(receiver, key).unwrap_or_default()).collect()),
            })
        }
        _ => match receiver.downcast_object_ref::<Dict>() {
            Some(dict) => of_dict::change(receiver, dict, name, arguments),
            None => Err(unchangeable(receiver, name)),
        },
    }
}

fn refuse_unhashable(key: &Value) -> Step<()> {
    match view(key) {
        View::List | View::Dict => Err(Raise::Type(format!("unhashable type: '{}'", class(key)))),
        View::Tuple => elements(key)?.iter().try_for_each(refuse_unhashable),
        _ => Ok(()),
    }
}

fn unchangeable(receiver: &Value, name: &str) -> Raise {
    Raise::other(format!(
        "{name}() would change a {}, which is not possible here; `| list` and `.copy()` give what can be changed",
        class(receiver)
    ))
}

fn of_list(receiver: &Value, name: &'static str, arguments: Arguments) -> Step<Value> {
    match name {
        "count" | "index" => {
            let sought = arguments.single(name)?;
            let items = elements(receiver)?;
            if name == "count" {
                return Ok(Value::from(items.iter().filter(|item| equals(item, &sought)).count()));
            }
            let place = items.iter().position(|item| equals(item, &sought));
            return place.map(Value::from).ok_or_else(|| Raise::other("the value is not in the list"));
        }
        "copy" => return Ok(List::value(elements(receiver)?)),
        _ => {}
    }
    let Some(list) = receiver.downcast_object_ref::<List>() else { return Err(unchangeable(receiver, name)) };
    change(receiver, list, name, arguments)
}

fn change(receiver: &Value, list: &List, name: &'static str, arguments: Arguments) -> Step<Value> {
    if name != "append" {
        limits::touched(receiver.len().unwrap_or(0))?;
    }
    match name {
        "append" => {
            let item = stored(&arguments.single(name)?, list.level())?;
            list.change(|items| items.push(item));
        }
        "extend" => {
            let added = elements(&arguments.single(name)?)?
                .iter()
                .map(|item| stored(item, list.level()))
                .collect::<Step<Vec<_>>>()?;
            list.change(|items| items.extend(added));
            // A list may be extended by itself, again and again.
            extent(receiver, 0)?;
        }
        "insert" => {
            let [place, item] = arguments.bind(name, ["index", "object"], 2)?.map(Option::unwrap_or_default);
            let item = stored(&item, list.level())?;
            let place = place_of(&place)?;
            list.change(|items| {
                let place = if place < 0 { place + items.len() as i128 } else { place };
                items.insert(usize::try_from(place).unwrap_or(0).min(items.len()), item);
            });
        }
        "pop" => {
            let [place] = arguments.bind(name, ["index"], 0)?;
            let place = place.as_ref().map_or(Ok(-1), place_of)?;
            return list.change(|items| {
                let place = if place < 0 { place + items.len() as i128 } else { place };
                match usize::try_from(place).ok().filter(|place| *place < items.len()) {
                    Some(place) => Ok(items.remove(place)),
                    None => Err(Raise::other("pop index out of range")),
                }
            });
        }
        "remove" => {
            let sought = arguments.single(name)?;
            // What is sought may be the list itself, so the search works on a copy.
            let place = list.items().iter().position(|item| equals(item, &sought));
            let place = place.ok_or_else(|| Raise::other("list.remove(x): x not in list"))?;
            list.change(|items| {
                if place < items.len() {
                    items.remove(place);
                }
            });
        }
        "clear" => list.change(Vec::clear),
        "reverse" => list.change(|items| items.reverse()),
        _ => {
            if !arguments.positional.is_empty() {
                return Err(Raise::type_error("sort() takes no positional arguments"));
            }
            let [_, reverse] = arguments.bind(name, ["key", "reverse"], 0)?;
            let mut items = list.items();
            sort(&mut items, reverse.is_some_and(|reverse| reverse.is_true()))?;
            list.change(|slot| *slot = items);
        }
    }
    Ok(Value::from(()))
}

fn place_of(place: &Value) -> Step<i128> {
    match view(place) {
        View::Int(place) => Ok(place),
        _ => Err(Raise::Type(format!("'{}' object cannot be interpreted as an integer", class(place)))),
    }
}

/// The copy of a value that something at this level stores.
fn stored(value: &Value, level: usize) -> Step<Value> {
    extent(value, level + 1)?;
    Ok(changeable(value, level + 1))
}

/// Sorts as Python does: stably, and values without an order are a `TypeError`.
pub(super) fn sort(items: &mut [Value], reverse: bool) -> Step<()> {
    sort_by(items, reverse, Clone::clone)
}

/// The same, by what `key` takes out of each item.
pub(super) fn sort_by(items: &mut [Value], reverse: bool, key: impl Fn(&Value) -> Value) -> Step<()> {
    let mut failure = None;
    let keys: Vec<Value> = items.iter().map(key).collect();
    // Comparing neighbours first keeps the sort itself from meeting values that have no order.
    for pair in keys.windows(2) {
        if let [left, right] = pair {
            ordering(left, right)?;
        }
    }
    // A sort compares each item with about as many as their number has binary digits.
    limits::touched(items.len().saturating_mul(items.len().checked_ilog2().unwrap_or(0) as usize))?;
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by(|left, right| {
        let (Some(left), Some(right)) = (keys.get(*left), keys.get(*right)) else { return std::cmp::Ordering::Equal };
        let order = ordering(left, right).unwrap_or_else(|raise| {
            failure.get_or_insert(raise);
            std::cmp::Ordering::Equal
        });
        if reverse { order.reverse() } else { order }
    });
    if let Some(raise) = failure {
        return Err(raise);
    }
    let sorted: Vec<Value> = places.iter().filter_map(|place| items.get(*place).cloned()).collect();
    items.clone_from_slice(&sorted);
    Ok(())
}

fn of_object(receiver: &Value, name: &'static str, arguments: Arguments) -> Step<Value> {
    if let Some(each) = receiver.downcast_object_ref::<Loop>() {
        let items = arguments.positional;
        let place = each.index.checked_rem(items.len());
        return Ok(place.and_then(|place| items.get(place)).cloned().unwrap_or_default());
    }
    if let Some(cycler) = receiver.downcast_object_ref::<Cycler>() {
        return Ok(if name == "next" { cycler.next() } else { cycler.reset() });
    }
    Ok(Value::UNDEFINED)
}

impl Cycler {
    /// The next of the values in turn; for a joiner the separator, but nothing the first time.
    pub(super) fn next(&self) -> Value {
        let turn = self.at.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if self.is_joiner {
            return if turn == 0 { Value::from("") } else { self.items.first().cloned().unwrap_or_default() };
        }
        turn.checked_rem(self.items.len()).and_then(|place| self.items.get(place)).cloned().unwrap_or_default()
    }

    fn reset(&self) -> Value {
        self.at.store(0, std::sync::atomic::Ordering::Relaxed);
        Value::from(())
    }
}
