//! A slice: the smallest part of a stream that is read, and after which its state may move.

use std::sync::Arc;

use serde_json::{Map, Value};

/// One part of one stream: a partition, and the range of the cursor to read of it.
#[derive(Clone, Debug)]
pub struct Slice {
    pub(crate) partition: Arc<Partition>,
    pub(crate) interval: Option<Interval>,
}

/// A range of cursor values, as text in the cursor's format; both ends belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The first value.
    pub start: String,
    /// The last value; empty where the range is open.
    pub end: String,
}

/// A partition by the values that name it.
#[derive(Debug, Default)]
pub struct Partition {
    /// The identity of the partition, as the state keeps it: sorted keys, `parent_slice` included.
    pub(crate) keys: Map<String, Value>,
    /// What `{parent.…}` may use, by the names that templates use.
    pub(crate) parent: Map<String, Value>,
    /// Compact JSON of `keys`.
    pub(crate) id: Arc<str>,
}

impl Slice {
    /// The partition's value of this key, such as the `repository` of `partition = list(repository = …)`;
    /// a key of the parent's partition is found too.
    pub fn partition(&self, key: &str) -> Option<&Value> {
        self.partition.get(key)
    }

    /// The parent's field of this name, as `{parent.…}` knows it.
    pub fn parent(&self, name: &str) -> Option<&Value> {
        self.partition.parent.get(name)
    }

    /// The range of the cursor; `None` for a stream without a cursor.
    pub fn interval(&self) -> Option<&Interval> {
        self.interval.as_ref()
    }
}

impl Partition {
    /// A partition with these keys and the parent's values.
    pub(crate) fn new(keys: Map<String, Value>, parent: Map<String, Value>) -> Self {
        let mut keys = keys;
        keys.sort_keys();
        let id = Value::Object(keys.clone()).to_string().into();
        Self { keys, parent, id }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        let mut keys = &self.keys;
        loop {
            if let Some(value) = keys.get(key) {
                return Some(value);
            }
            keys = keys.get("parent_slice")?.as_object()?;
        }
    }
}
