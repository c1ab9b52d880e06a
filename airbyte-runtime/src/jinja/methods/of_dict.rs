//! The methods that change a mapping.

use minijinja::Value;
use minijinja::value::Tuple;

use super::{refuse_unhashable, stored};
use crate::jinja::arguments::Arguments;
use crate::jinja::containers::Dict;
use crate::jinja::objects::{View, elements, extent, mapping, member, view};
use crate::jinja::print::repr;
use crate::jinja::raise::{Raise, Step};

/// Calls a method that changes the mapping, or `fromkeys`; `receiver` is the mapping as a value.
pub(super) fn change(receiver: &Value, dict: &Dict, name: &'static str, arguments: Arguments) -> Step<Value> {
    match name {
        "setdefault" => {
            let [key, default] = arguments.bind(name, ["key", "default"], 1)?;
            let key = key.unwrap_or_default();
            refuse_unhashable(&key)?;
            if let Some(value) = member(receiver, &key) {
                return Ok(value);
            }
            let value = stored(&default.unwrap_or_else(|| Value::from(())), dict.level())?;
            dict.set(key, value.clone());
            Ok(value)
        }
        "pop" => {
            let [key, default] = arguments.bind(name, ["key", "default"], 1)?;
            let key = key.unwrap_or_default();
            refuse_unhashable(&key)?;
            let missing =
                || Raise::other(format!("there is no key {} to pop; `.pop(key, none)` allows that", repr(&key)));
            dict.remove(&key).or(default).ok_or_else(missing)
        }
        "popitem" => {
            let [] = arguments.bind(name, [], 0)?;
            let (key, value) = dict.pop().ok_or_else(|| Raise::other("popitem(): dictionary is empty"))?;
            Ok(Value::from(Tuple::from([key, value])))
        }
        "clear" => {
            let [] = arguments.bind(name, [], 0)?;
            dict.clear();
            Ok(Value::from(()))
        }
        "update" => {
            update(dict, arguments)?;
            // A mapping may be updated by parts of itself, again and again.
            extent(receiver, 0)?;
            Ok(Value::from(()))
        }
        _ => {
            let [keys, value] = arguments.bind(name, ["iterable", "value"], 1)?;
            let value = value.unwrap_or_else(|| Value::from(()));
            let keys = elements(&keys.unwrap_or_default())?;
            keys.iter().try_for_each(refuse_unhashable)?;
            Ok(mapping(keys.into_iter().map(|key| (key, value.clone()))))
        }
    }
}

fn update(dict: &Dict, arguments: Arguments) -> Step<()> {
    let mut positional = arguments.positional.into_iter();
    let source = positional.next();
    if positional.next().is_some() {
        return Err(Raise::type_error("update expected at most 1 argument"));
    }
    if let Some(source) = source {
        for item in elements(&source)? {
            let (key, value) = match view(&source) {
                View::Dict => (item.clone(), member(&source, &item).unwrap_or_default()),
                _ => match elements(&item)?.as_slice() {
                    [key, value] => (key.clone(), value.clone()),
                    _ => return Err(Raise::other("update() takes a mapping, or pairs of keys and values")),
                },
            };
            refuse_unhashable(&key)?;
            dict.set(key, stored(&value, dict.level())?);
        }
    }
    for (name, value) in arguments.named {
        dict.set(Value::from(&*name), stored(&value, dict.level())?);
    }
    Ok(())
}
