//! Records that take over something of their parent.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::expander::{ParentField, RecordExpander};
use crate::error::{Error, Result};
use crate::python::is_truthy;

/// A record that was found. What it copies of its parent is copied on demand: a long list of items with a large parent
/// each would not fit into memory at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Extracted {
    /// A record as it was found, which may be anything, not only an object.
    Record(Value),
    /// An item of a list in a parent.
    Child {
        /// The item.
        item: Value,
        /// What it is completed with.
        parent: Arc<Parent>,
    },
    /// A record whose list has to be fetched, because it holds only a part of it.
    Truncated {
        /// The record.
        parent: Value,
        /// What makes records of the list.
        expander: Arc<RecordExpander>,
    },
}

/// What the items of a parent are completed with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parent {
    pub(super) record: Value,
    /// The fields that lie under those of an item.
    pub(super) base: Option<Map<String, Value>>,
    pub(super) fields: Arc<[ParentField]>,
    pub(super) remain_original_record: bool,
}

impl Extracted {
    /// The record, with everything that it takes over.
    ///
    /// # Errors
    /// An item that has no room for a field of its parent.
    pub(crate) fn into_record(self) -> Result<Value> {
        match self {
            Self::Record(record) => Ok(record),
            Self::Child { item, parent } => parent.complete(item),
            // Whoever extracts records fetches their lists first.
            Self::Truncated { .. } => Err(Error::system("the list of a record is not complete")),
        }
    }

    /// Whether it is null, false, zero, or has nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Record(record) => !is_truthy(record),
            Self::Truncated { .. } => false,
            Self::Child { item, parent } => {
                let adds_nothing = parent.fields.is_empty()
                    && !parent.remain_original_record
                    && parent.base.as_ref().is_none_or(Map::is_empty);
                adds_nothing && item.as_object().is_some_and(Map::is_empty)
            }
        }
    }
}

impl Parent {
    fn complete(&self, item: Value) -> Result<Value> {
        let own = match item {
            Value::Object(own) => own,
            single => Map::from_iter([("value".to_owned(), single)]),
        };
        let mut child = match &self.base {
            Some(base) => {
                let mut merged = base.clone();
                merged.extend(own);
                Value::Object(merged)
            }
            None => Value::Object(own),
        };
        for field in self.fields.iter() {
            let value = field.parent_path.look_up(&self.record).cloned().unwrap_or_default();
            field.record_path.create(&mut child, value).map_err(|error| {
                Error::config(format!(
                    "the parent field cannot be written at `record_path` {}: the item holds something other than an \
                     object on that path",
                    field.record_path
                ))
                .with_source(error)
            })?;
        }
        if self.remain_original_record
            && let Value::Object(child) = &mut child
        {
            child.insert("original_record".to_owned(), self.record.clone());
        }
        Ok(child)
    }
}
