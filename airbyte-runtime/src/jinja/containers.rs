//! Lists, mappings and tuples of Python that minijinja lacks.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, Tuple};

use super::limits;
use super::objects::{Record, StreamSlice, View, elements, member, view};

/// A list that may be changed.
#[derive(Debug)]
pub(super) struct List {
    items: RwLock<Vec<Value>>,
    level: usize,
}

impl List {
    pub(super) fn value(items: Vec<Value>) -> Value {
        limits::made(items.len());
        Self::at(0, items)
    }

    fn at(level: usize, items: Vec<Value>) -> Value {
        Value::from_object(Self { items: RwLock::new(items), level })
    }

    /// How deep it lies in what it was put into.
    pub(super) fn level(&self) -> usize {
        self.level
    }

    /// Changes the list; `change` must not look at a value that may be this list.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        change(&mut self.items.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn items(&self) -> Vec<Value> {
        self.items.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.items.read().unwrap_or_else(PoisonError::into_inner).get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items())
    }

    /// Counted without a copy of the items.
    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.items.read().unwrap_or_else(PoisonError::into_inner).len())
    }
}

/// A mapping that may be changed. Its keys cannot.
#[derive(Debug)]
pub(super) struct Dict {
    members: RwLock<Members>,
    level: usize,
}

#[derive(Debug, Default)]
struct Members {
    /// In the order of insertion, with gaps where keys were removed.
    pairs: Vec<Option<(Value, Value)>>,
    places: HashMap<Value, usize>,
}

impl Members {
    fn set(&mut self, key: Value, value: Value) {
        let place = self.places.get(&key).and_then(|place| self.pairs.get_mut(*place));
        match place {
            Some(Some((_, slot))) => *slot = value,
            _ => {
                self.places.insert(key.clone(), self.pairs.len());
                self.pairs.push(Some((key, value)));
            }
        }
    }
}

impl Dict {
    pub(super) fn value(pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
        Self::at(0, pairs)
    }

    fn at(level: usize, pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
        let mut members = Members::default();
        pairs.into_iter().for_each(|(key, value)| members.set(key, value));
        Value::from_object(Self { members: RwLock::new(members), level })
    }

    /// How deep it lies in what it was put into.
    pub(super) fn level(&self) -> usize {
        self.level
    }

    fn change<T>(&self, change: impl FnOnce(&mut Members) -> T) -> T {
        change(&mut self.members.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set(&self, key: Value, value: Value) {
        self.change(|members| members.set(key, value));
    }

    pub(super) fn remove(&self, key: &Value) -> Option<Value> {
        self.change(|members| {
            let place = members.places.remove(key)?;
            members.pairs.get_mut(place)?.take().map(|(_, value)| value)
        })
    }

    /// Takes the pair that was added last.
    pub(super) fn pop(&self) -> Option<(Value, Value)> {
        self.change(|members| {
            let pair = std::iter::from_fn(|| members.pairs.pop()).flatten().next()?;
            members.places.remove(&pair.0);
            Some(pair)
        })
    }

    pub(super) fn clear(&self) {
        self.change(|members| *members = Members::default());
    }
}

impl Object for Dict {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members.pairs.get(*members.places.get(key)?)?.as_ref().map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        Enumerator::Values(members.pairs.iter().flatten().map(|(key, _)| key.clone()).collect())
    }
}

/// A copy whose lists and mappings may be changed, which changes of the original do not reach: so nothing that may be
/// changed ever contains itself.
pub(super) fn changeable(value: &Value, level: usize) -> Value {
    let inner = |value: &Value| changeable(value, level + 1);
    let items = || elements(value).unwrap_or_default();
    match view(value) {
        View::List => List::at(level, items().iter().map(inner).collect()),
        View::Tuple if value.is_tuple() => Value::from(Tuple::from(items().iter().map(inner).collect::<Vec<_>>())),
        View::Dict => {
            if let Some(record) = value.downcast_object_ref::<Record>() {
                return Value::from_object(Record { data: inner(&record.data) });
            }
            if let Some(slice) = value.downcast_object_ref::<StreamSlice>() {
                return Value::from_object(slice.map(inner));
            }
            let members = items().into_iter().map(|key| {
                let value = inner(&member(value, &key).unwrap_or_default());
                (key, value)
            });
            Dict::at(level, members)
        }
        _ => value.clone(),
    }
}

/// A tuple whose fields have names, like Python's `struct_time`.
#[derive(Debug)]
pub(super) struct NamedTuple {
    /// How `repr` calls it.
    pub(super) class: &'static str,
    pub(super) fields: Vec<(&'static str, Value)>,
}

impl NamedTuple {
    pub(super) fn value<const N: usize>(class: &'static str, fields: [(&'static str, Value); N]) -> Value {
        Value::from_object(Self { class, fields: fields.into() })
    }

    pub(super) fn field(&self, name: &str) -> Option<Value> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone())
    }
}

impl Object for NamedTuple {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.fields.get(key.as_usize()?).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.fields.len())
    }
}
