//! Lists and tuples of Python that minijinja lacks.

use std::sync::{Arc, PoisonError, RwLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use super::limits;

/// A list that the template made itself, and may change.
#[derive(Debug)]
pub(super) struct List(RwLock<Vec<Value>>);

impl List {
    pub(super) fn value(items: Vec<Value>) -> Value {
        limits::made(items.len());
        Value::from_object(Self(RwLock::new(items)))
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn items(&self) -> Vec<Value> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items())
    }

    /// Counted without a copy of the items.
    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).len())
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
