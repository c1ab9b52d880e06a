//! Records on their way through a connector's own functions, and records that a connector yields itself.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::slice::Slice;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::json::{self, JsonPath};
use crate::plan::decoder::Decoder;

/// Decides about records as JSON, where a function on the stream's struct is not enough.
pub trait RecordFilter: Send + Sync + 'static {
    /// Whether the record is kept.
    ///
    /// # Errors
    /// Whatever makes the decision impossible fails the partition.
    fn keep(&self, record: &Map<String, Value>) -> Result<bool>;
}

/// Changes records as JSON, where a function on the stream's struct is not enough.
pub trait RecordTransformation: Send + Sync + 'static {
    /// Changes the record in place.
    ///
    /// # Errors
    /// Whatever makes the change impossible fails the partition.
    fn transform(&self, record: &mut Map<String, Value>) -> Result<()>;
}

/// A filter of a stream, whatever it is made of.
pub trait KeepRecord: Sync {
    /// Whether the record is kept.
    ///
    /// # Errors
    /// A record that the filter cannot take.
    fn keep(&self, record: &mut RecordCell<'_>) -> Result<bool>;
}

/// A transformation of a stream, whatever it is made of.
pub trait ChangeRecord: Send + Sync {
    /// Changes the record in place.
    ///
    /// # Errors
    /// A record that the transformation cannot take.
    fn transform(&self, record: &mut RecordCell<'_>, slice: &Slice) -> Result<()>;
}

/// Makes records of a body that has to be parsed.
pub(crate) trait SelectRecords: Send + Sync {
    /// Hands over each record of the answer, ready to be written, and returns how many there were before any filter.
    ///
    /// # Errors
    /// A body or a record that cannot be used, and whatever `accept` returns.
    fn select(
        &self,
        response: &crate::http::Response,
        slice: &Slice,
        accept: &mut dyn FnMut(Map<String, Value>) -> Result<()>,
    ) -> Result<u64>;

    /// Whether records may take requests of their own before they are complete; only then [`SelectRecords::complete`]
    /// is asked.
    fn may_be_incomplete(&self) -> bool {
        false
    }

    /// What fetches what the records of an answer lack; what comes of it selects from that answer.
    ///
    /// # Errors
    /// A body that cannot be used; later, whatever kept the rest from being fetched.
    fn complete(&self, response: &crate::http::Response) -> Result<Completion<'_>> {
        let _ = response;
        Ok(Box::pin(async { Ok(None) }))
    }

    /// How the records of a body are found while it arrives; `None` if all of it is needed.
    fn arrival(&self) -> Option<Arrival> {
        None
    }

    /// What becomes of one record of an [`Arrival::Text`]; `None` if it is dropped.
    ///
    /// # Errors
    /// A record that cannot be used.
    fn refine(&self, record: &[u8], slice: &Slice) -> Result<Option<Map<String, Value>>> {
        let _ = (record, slice);
        Err(Error::system("the records of this stream are made of whole answers"))
    }

    /// The same as [`SelectRecords::select`] for a body that is an [`Arrival::Elements`].
    ///
    /// # Errors
    /// The same, and what the source says.
    fn select_from(
        &self,
        source: &mut dyn std::io::Read,
        slice: &Slice,
        accept: &mut dyn FnMut(Map<String, Value>) -> Result<()>,
    ) -> Result<u64> {
        let _ = (source, slice, accept);
        Err(Error::system("the records of this stream are made of whole answers"))
    }
}

/// The requests that complete the records of an answer.
pub(crate) type Completion<'a> = LocalBoxFuture<'a, Result<Option<Box<dyn SelectRecords + 'a>>>>;

/// How records are found in a body while it arrives.
#[cfg_attr(not(feature = "manifest"), allow(dead_code))]
pub(crate) enum Arrival {
    /// At a path in JSON text.
    Text {
        path: JsonPath,
        /// What makes text of a body that is something else.
        decoder: Option<Arc<Decoder>>,
        /// Whether each of them goes through [`SelectRecords::refine`].
        refines: bool,
    },
    /// One element of the decoder after the other.
    Elements {
        /// A body of so many bytes is rather read at once.
        at_once: usize,
    },
}

impl ReadSlice for &'static dyn ReadSlice {
    fn read<'a>(
        &'a self,
        config: &'a Config,
        slice: &'a Slice,
        records: Records<'a, ()>,
    ) -> LocalBoxFuture<'a, Result<()>> {
        (**self).read(config, slice, records)
    }
}

/// The function that reads a stream that is not HTTP.
pub trait ReadSlice: Sync {
    /// Reads one slice and yields its records.
    fn read<'a>(
        &'a self,
        config: &'a Config,
        slice: &'a Slice,
        records: Records<'a, ()>,
    ) -> LocalBoxFuture<'a, Result<()>>;
}

/// A record that is parsed at most once, when a hook asks for it.
pub struct RecordCell<'r> {
    raw: &'r [u8],
    object: Option<Map<String, Value>>,
    typed: Option<Box<dyn Any>>,
    changed: Option<Vec<u8>>,
    /// Whether the object has changes that the text has not.
    stale: bool,
}

impl std::fmt::Debug for RecordCell<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordCell").field("bytes", &self.raw.len()).finish_non_exhaustive()
    }
}

impl<'r> RecordCell<'r> {
    pub(crate) fn new(raw: &'r [u8]) -> Self {
        Self { raw, object: None, typed: None, changed: None, stale: false }
    }

    /// The record as JSON text, with every change.
    pub(crate) fn bytes(&mut self) -> &[u8] {
        // Written once, however many functions changed the object.
        if std::mem::take(&mut self.stale) {
            self.changed = self.object.as_ref().and_then(|object| serde_json::to_vec(object).ok());
        }
        self.changed.as_deref().unwrap_or(self.raw)
    }

    /// The record as the stream's struct.
    ///
    /// # Errors
    /// A record that does not fit the struct is a system error that names the field.
    pub(crate) fn typed<T: DeserializeOwned + 'static>(&mut self) -> Result<&mut T> {
        if self.typed.as_ref().is_none_or(|typed| !typed.is::<T>()) {
            self.typed = Some(Box::new(parse::<T>(self.bytes())?));
        }
        let typed = self.typed.as_mut().and_then(|typed| typed.downcast_mut());
        typed.ok_or_else(|| Error::system("a record lost its type between two functions"))
    }

    /// The record as a JSON object.
    ///
    /// # Errors
    /// A record that is not an object is a system error.
    pub(crate) fn object(&mut self) -> Result<&Map<String, Value>> {
        if self.object.is_none() {
            self.object = Some(parse(self.bytes())?);
        }
        self.object.as_ref().ok_or_else(|| Error::system("a record lost its object"))
    }

    /// Lets a function change the object, and takes the result as the record's text.
    ///
    /// # Errors
    /// See [`RecordCell::object`].
    pub(crate) fn object_mut(&mut self) -> Result<ObjectMut<'_, 'r>> {
        self.object()?;
        Ok(ObjectMut(self))
    }

    /// Lets a function change the record as one value, which has to stay an object.
    ///
    /// # Errors
    /// See [`RecordCell::object`], and those of the function.
    pub(crate) fn change_value(&mut self, change: impl FnOnce(&mut Value) -> Result<()>) -> Result<()> {
        let mut object = self.object_mut()?;
        let mut value = Value::Object(std::mem::take(&mut *object));
        change(&mut value)?;
        match value {
            Value::Object(changed) => *object = changed,
            _ => return Err(Error::system("a record is no longer an object after its transformation")),
        }
        Ok(())
    }

    /// Lets a function change the struct, and writes only what it changed: fields that the struct does not
    /// declare, and the spelling of those that stay as they are, are kept.
    ///
    /// # Errors
    /// See [`RecordCell::typed`].
    pub(crate) fn change<T: DeserializeOwned + Serialize + 'static>(&mut self, change: &dyn Fn(&mut T)) -> Result<()> {
        // What the function changes is written over the text.
        self.bytes();
        let record = self.typed::<T>()?;
        let before = to_object(record)?;
        change(record);
        let after = to_object(record)?;
        if before != after {
            self.changed = Some(overlay(self.bytes(), &before, after)?);
            self.object = None;
        }
        Ok(())
    }
}

/// An object that is being changed; the record takes the changes when it is dropped.
pub(crate) struct ObjectMut<'c, 'r>(&'c mut RecordCell<'r>);

impl std::ops::Deref for ObjectMut<'_, '_> {
    type Target = Map<String, Value>;
    fn deref(&self) -> &Self::Target {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.0.object.as_ref().unwrap_or(&EMPTY)
    }
}

impl std::ops::DerefMut for ObjectMut<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.object.get_or_insert_with(Map::new)
    }
}

impl Drop for ObjectMut<'_, '_> {
    fn drop(&mut self) {
        self.0.typed = None;
        self.0.stale = true;
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        // The cause may quote the value, and a record may hold anything, so it goes to the log only.
        Error::system(format!("a record does not fit the stream's struct at `{path}`"))
            .with_detail(error.into_inner().to_string())
    })
}

fn to_object<T: Serialize>(record: &T) -> Result<Map<String, Value>> {
    match serde_json::to_value(record) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Error::system("a record's struct does not serialize as an object")),
        Err(error) => Err(Error::system("a record's struct cannot be serialized").with_source(error)),
    }
}

/// Writes `raw` with the differences between `before` and `after`.
fn overlay(raw: &[u8], before: &Map<String, Value>, mut after: Map<String, Value>) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(raw.len() + 64);
    out.push(b'{');
    for (raw_key, raw_value) in json::members(raw) {
        let key = json::unescape(raw_key);
        match (before.get(key.as_ref()), after.remove(key.as_ref())) {
            (Some(_), None) => continue,
            (Some(old), Some(new)) if *old != new => {
                push_key(&mut out, raw_key);
                write_json(&mut out, &merge(raw_value, old, new))?;
            }
            _ => {
                push_key(&mut out, raw_key);
                out.extend_from_slice(raw_value);
            }
        }
    }
    for (key, value) in after {
        if before.get(&key) == Some(&value) {
            // The struct's default of a field that the record does not have.
            continue;
        }
        let mut raw_key = Vec::new();
        write_json(&mut raw_key, &Value::String(key))?;
        push_key(&mut out, &raw_key);
        write_json(&mut out, &value)?;
    }
    out.push(b'}');
    Ok(out)
}

/// The new value, with the fields that only the raw object has.
fn merge(raw: &[u8], old: &Value, new: Value) -> Value {
    let (Value::Object(old), Value::Object(mut new)) = (old, new.clone()) else { return new };
    let Ok(Value::Object(raw)) = serde_json::from_slice(raw) else { return Value::Object(new) };
    for (key, value) in raw {
        if !old.contains_key(&key) && !new.contains_key(&key) {
            new.insert(key, value);
        }
    }
    Value::Object(new)
}

fn push_key(out: &mut Vec<u8>, raw_key: &[u8]) {
    if out.len() > 1 {
        out.push(b',');
    }
    out.extend_from_slice(raw_key);
    out.push(b':');
}

fn write_json(out: &mut Vec<u8>, value: &Value) -> Result<()> {
    serde_json::to_writer(out, value)
        .map_err(|error| Error::system("a value cannot be written as JSON").with_source(error))
}

/// Takes the records that a `read = …` function yields.
pub struct Records<'a, T> {
    sink: &'a mut dyn RecordSink,
    buffer: Vec<u8>,
    record: PhantomData<fn(T)>,
}

impl<T> std::fmt::Debug for Records<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Records")
    }
}

/// Where the engine takes over records.
pub(crate) trait RecordSink {
    /// Takes one record as JSON text.
    fn accept(&mut self, record: &[u8]) -> Result<()>;
    /// Passes on what was taken; waits while the reader of stdout is slower than the stream.
    fn flush(&mut self) -> LocalBoxFuture<'_, Result<()>>;
    /// Whether enough was taken to pass it on.
    fn is_full(&self) -> bool;
}

impl<'a> Records<'a, ()> {
    pub(crate) fn new(sink: &'a mut dyn RecordSink) -> Self {
        Self { sink, buffer: Vec::new(), record: PhantomData }
    }

    pub(crate) fn of<T>(self) -> Records<'a, T> {
        Records { sink: self.sink, buffer: self.buffer, record: PhantomData }
    }
}

impl<T: Serialize> Records<'_, T> {
    /// Yields a record. Waits while the reader of stdout is slower than the stream, so memory stays bounded.
    ///
    /// # Errors
    /// A record that cannot be serialized is a system error.
    pub async fn push(&mut self, record: T) -> Result<()> {
        self.buffer.clear();
        serde_json::to_writer(&mut self.buffer, &record)
            .map_err(|error| Error::system("a record cannot be written as JSON").with_source(error))?;
        self.sink.accept(&self.buffer)?;
        if self.sink.is_full() {
            self.sink.flush().await?;
        }
        Ok(())
    }
}

impl<T> Records<'_, T> {
    pub(crate) async fn finish(self) -> Result<()> {
        self.sink.flush().await
    }
}
