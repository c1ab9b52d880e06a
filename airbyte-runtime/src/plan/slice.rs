//! A slice: the smallest part of a stream that is read, and after which its state may move.

use std::sync::Arc;

use serde_json::{Map, Value};

/// One part of one stream: a partition, and the range of the cursor to read of it.
#[derive(Clone, Debug)]
pub struct Slice {
    pub(crate) partition: Arc<Partition>,
    pub(crate) interval: Option<Interval>,
    /// What is known of the job that makes the slice's records ready, if there is one.
    pub(crate) job: Option<Arc<Map<String, Value>>>,
    /// The record whose file is asked for, if one is.
    pub(crate) record: Option<Arc<Map<String, Value>>>,
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
    /// What templates may use besides, by their names for it: fields of the parent.
    pub(crate) extra: Map<String, Value>,
    /// Compact JSON of `keys`.
    pub(crate) id: Arc<str>,
}

/// The name by which templates know the properties that a request asks for.
const PROPERTIES: &str = "query_properties";

/// The values of a partition before they are its identity.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    /// The keys of the partition.
    pub(crate) keys: Map<String, Value>,
    /// What templates may use besides.
    pub(crate) extra: Map<String, Value>,
}

impl Part {
    /// This part together with another; of equal keys, this one's stay.
    pub(crate) fn join(&self, other: &Self) -> Self {
        let join = |ours: &Map<String, Value>, theirs: &Map<String, Value>| {
            let mut joined = ours.clone();
            for (key, value) in theirs {
                joined.entry(key.as_str()).or_insert_with(|| value.clone());
            }
            joined
        };
        Self { keys: join(&self.keys, &other.keys), extra: join(&self.extra, &other.extra) }
    }
}

impl Slice {
    /// The partition's value of this key, such as the `repository` of `partition = list(repository = …)`;
    /// a key of the parent's partition is found too.
    pub fn partition(&self, key: &str) -> Option<&Value> {
        self.partition.get(key)
    }

    /// The parent's field of this name, as `{parent.…}` knows it.
    pub fn parent(&self, name: &str) -> Option<&Value> {
        self.partition.extra.get(name)
    }

    /// The same slice, where the templates of a request know which properties it asks for.
    pub(crate) fn asking_for(&self, properties: &[String]) -> Self {
        let Partition { keys, extra, id } = &*self.partition;
        let mut extra = extra.clone();
        extra.insert(PROPERTIES.to_owned(), properties.into());
        let partition = Partition { keys: keys.clone(), extra, id: Arc::clone(id) };
        Self { partition: Arc::new(partition), ..self.clone() }
    }

    /// A value of the slice's job, as `{job.…}` knows it; `None` before the job has told it.
    pub fn job(&self, name: &str) -> Option<&Value> {
        self.job.as_ref()?.get(name)
    }

    /// A field of the record whose file is asked for, as `{record.…}` knows it.
    pub(crate) fn record(&self, name: &str) -> Option<&Value> {
        self.record.as_ref()?.get(name)
    }

    /// The same slice with a record whose file is asked for.
    pub(crate) fn with_record(&self, record: Map<String, Value>) -> Self {
        Self { record: Some(Arc::new(record)), ..self.clone() }
    }

    /// The same slice with what is known of its job.
    pub(crate) fn with_job(&self, known: Map<String, Value>) -> Self {
        Self { job: Some(Arc::new(known)), ..self.clone() }
    }

    /// The range of the cursor; `None` for a stream without a cursor.
    pub fn interval(&self) -> Option<&Interval> {
        self.interval.as_ref()
    }
}

impl Partition {
    /// A partition of these values.
    pub(crate) fn new(part: Part) -> Self {
        let Part { mut keys, extra } = part;
        keys.sort_keys();
        let id = Value::Object(keys.clone()).to_string().into();
        Self { keys, extra, id }
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
