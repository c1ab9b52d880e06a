//! Values that templates see, and how Python would class them.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use serde_json::{Map, Value as Json};

use super::arguments::Routine;
use super::containers::{Dict, NamedTuple};
use super::limits;
use super::raise::{Raise, Step};
use super::syntax::Macro;
use super::time::Time;

/// A value by its Python class.
pub(super) enum View<'value> {
    Undefined,
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(&'value str),
    Bytes(&'value [u8]),
    List,
    Tuple,
    Dict,
    Time(&'value Time),
    /// Methods, macros, namespaces.
    Other,
}

pub(super) fn view(value: &Value) -> View<'_> {
    match value.kind() {
        ValueKind::Undefined => View::Undefined,
        ValueKind::None => View::None,
        ValueKind::Bool => View::Bool(value.is_true()),
        ValueKind::Number => match (value.is_integer(), i128::try_from(value.clone())) {
            (true, Ok(integer)) => View::Int(integer),
            _ => View::Float(f64::try_from(value.clone()).unwrap_or(f64::NAN)),
        },
        ValueKind::String => value.as_str().map_or(View::Other, View::Str),
        ValueKind::Bytes => value.as_bytes().map_or(View::Other, View::Bytes),
        ValueKind::Seq if value.is_tuple() || value.downcast_object_ref::<NamedTuple>().is_some() => View::Tuple,
        ValueKind::Seq | ValueKind::Iterable => View::List,
        ValueKind::Map => View::Dict,
        _ => value.downcast_object_ref::<Time>().map_or(View::Other, View::Time),
    }
}

/// What Python calls the value's class.
pub(super) fn class(value: &Value) -> &'static str {
    match view(value) {
        View::Undefined => "Undefined",
        View::None => "NoneType",
        View::Bool(_) => "bool",
        View::Int(_) => "int",
        View::Float(_) => "float",
        View::Str(_) => "str",
        View::Bytes(_) => "bytes",
        View::List => "list",
        View::Tuple => "tuple",
        View::Dict if value.downcast_object_ref::<StreamSlice>().is_some() => "StreamSlice",
        View::Dict if value.downcast_object_ref::<Record>().is_some() => "Record",
        View::Dict => "dict",
        View::Time(time) => time.class(),
        View::Other => "object",
    }
}

/// An integer, in the narrowest form.
pub(super) fn integer(value: i128) -> Value {
    i64::try_from(value).map_or_else(|_| Value::from(value), Value::from)
}

/// A mapping of these keys and values.
pub(crate) fn mapping(pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
    Dict::value(pairs)
}

/// The value of a key, if the mapping has it.
pub(super) fn member(mapping: &Value, key: &Value) -> Option<Value> {
    mapping.as_object()?.get_value(key)
}

/// The elements of what Python can iterate over; the keys of a mapping, the characters of a text.
pub(super) fn elements(value: &Value) -> Step<Vec<Value>> {
    match view(value) {
        View::Undefined => Ok(Vec::new()),
        View::Str(text) => {
            limits::touched(text.len())?;
            limits::gather(text.chars().map(|char| Value::from(char.to_string())))
        }
        View::List | View::Tuple | View::Dict => {
            limits::opened()?;
            limits::touched(value.len().unwrap_or(0))?;
            Ok(value.try_iter().map_err(|error| Raise::other(error.to_string()))?.collect())
        }
        View::Bytes(bytes) => {
            limits::touched(bytes.len())?;
            limits::gather(bytes.iter().map(|byte| Value::from(*byte)))
        }
        _ => Err(Raise::Type(format!("'{}' object is not iterable", class(value)))),
    }
}

/// How many values one value may hold that a template collects in a loop, and how deep they may lie in each other.
const MAX_COLLECTED: usize = 1_000_000;
const MAX_NESTED: usize = 200;

/// How many values a value holds that is put `level` levels deep into another; too many, or too deep ones, are refused.
pub(super) fn extent(value: &Value, level: usize) -> Step<usize> {
    let mut left = MAX_COLLECTED;
    measure(value, level, &mut left)?;
    Ok(MAX_COLLECTED - left)
}

/// Refuses a value that is too large or too deep to be collected.
pub(super) fn refuse_excess(value: &Value) -> Step<()> {
    measure(value, 0, &mut { MAX_COLLECTED })
}

/// Refuses a value that is too deep to be printed and dropped, however large it is.
pub(super) fn refuse_depth(value: &Value) -> Step<()> {
    measure(value, 0, &mut { usize::MAX })
}

/// Refuses what is no data: namespaces that hold each other may be in a circle, or as deep as loops run long.
pub(super) fn refuse_objects(value: &Value) -> Step<()> {
    match view(value) {
        View::List | View::Tuple => elements(value)?.iter().try_for_each(refuse_objects),
        View::Dict => {
            elements(value)?.iter().filter_map(|key| member(value, key)).try_for_each(|item| refuse_objects(&item))
        }
        View::Other => Err(Raise::other("a namespace can hold only data, no macros, methods or namespaces")),
        _ => Ok(()),
    }
}

fn measure(value: &Value, depth: usize, left: &mut usize) -> Step<()> {
    *left = left
        .checked_sub(1)
        .filter(|_| depth <= MAX_NESTED)
        .ok_or_else(|| Raise::other(format!("it collects more than {MAX_COLLECTED} values or {MAX_NESTED} levels")))?;
    let mut within = |item: &Value| measure(item, depth + 1, left);
    match view(value) {
        View::List | View::Tuple => elements(value)?.iter().try_for_each(within),
        View::Dict => elements(value)?.iter().filter_map(|key| member(value, key)).try_for_each(|item| within(&item)),
        View::Other => match (value.downcast_object_ref::<Method>(), value.downcast_object_ref::<Cycler>()) {
            (Some(method), _) => within(&method.receiver),
            (_, Some(cycler)) => cycler.items.iter().try_for_each(within),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// A JSON value as templates see it: mappings keep their order, `null` is `None`.
pub(crate) fn json(value: &Json) -> Value {
    match value {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(integer), ..) => Value::from(integer),
            (None, Some(integer), _) => Value::from(integer),
            (None, None, Some(float)) => Value::from(float),
            (None, None, None) => Value::from(number.to_string()),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::from_iter(items.iter().map(json)),
        Json::Object(members) => object(members),
    }
}

fn object(members: &Map<String, Json>) -> Value {
    Value::from_pairs(members.iter().map(|(key, value)| (Value::from(key.as_str()), json(value))))
}

/// A record as templates see it: a mapping with the attribute `data`, which is the whole record.
pub(crate) fn record(record: &Json) -> Value {
    match record {
        Json::Object(_) => Value::from_object(Record { data: json(record) }),
        other => json(other),
    }
}

/// A slice as templates see it: a mapping of partition and cursor keys, with the attributes `partition`,
/// `cursor_slice` and `extra_fields`.
pub(crate) fn stream_slice(
    partition: &Map<String, Json>,
    cursor_slice: &Map<String, Json>,
    extra_fields: &Map<String, Json>,
) -> Value {
    let partition = object(partition);
    let cursor_slice = object(cursor_slice);
    let pairs = [&partition, &cursor_slice].into_iter().filter_map(|half| half.as_object()?.try_iter_pairs()).flatten();
    let fields = Value::from_pairs(pairs);
    Value::from_object(StreamSlice { fields, partition, cursor_slice, extra_fields: object(extra_fields) })
}

/// A record: its keys are those of the data.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) data: Value,
}

/// A slice: its keys are those of the partition and of the cursor.
#[derive(Debug)]
pub(super) struct StreamSlice {
    fields: Value,
    pub(super) partition: Value,
    pub(super) cursor_slice: Value,
    pub(super) extra_fields: Value,
}

impl StreamSlice {
    /// The slice with something else for each of its parts.
    pub(super) fn map(&self, change: impl Fn(&Value) -> Value) -> Self {
        Self {
            fields: change(&self.fields),
            partition: change(&self.partition),
            cursor_slice: change(&self.cursor_slice),
            extra_fields: change(&self.extra_fields),
        }
    }
}

fn enumerate(mapping: &Value) -> Enumerator {
    match mapping.as_object().and_then(|object| object.try_iter()) {
        Some(keys) => Enumerator::Values(keys.collect()),
        None => Enumerator::Empty,
    }
}

impl Object for Record {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        member(&self.data, key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        enumerate(&self.data)
    }
}

impl Object for StreamSlice {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        member(&self.fields, key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        enumerate(&self.fields)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.fields.is_true() || self.extra_fields.is_true()
    }
}

/// Jinja's `namespace`: the one thing whose attributes a template may set.
#[derive(Debug, Default)]
pub(super) struct Namespace(RwLock<Vec<(String, Value)>>);

impl Namespace {
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        let attributes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    pub(super) fn set(&self, name: &str, value: Value) {
        let mut attributes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match attributes.iter_mut().find(|(key, _)| key == name) {
            Some((_, slot)) => *slot = value,
            None => attributes.push((name.to_owned(), value)),
        }
    }
}

/// A method together with the value that it was taken from.
#[derive(Debug)]
pub(super) struct Method {
    pub(super) receiver: Value,
    pub(super) name: &'static str,
}

/// A macro of the environment as a value.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) routine: Routine,
}

/// A macro that the template declares, or the body of a `call` block.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) declaration: Arc<Macro>,
    /// What was bound where it was declared.
    pub(super) bound: Vec<(Arc<str>, Value)>,
}

/// Jinja's `loop`.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) index: usize,
    pub(super) length: usize,
    pub(super) previous: Value,
    pub(super) next: Value,
}

/// Jinja's `cycler` and `joiner`.
#[derive(Debug)]
pub(super) struct Cycler {
    pub(super) items: Vec<Value>,
    pub(super) at: std::sync::atomic::AtomicUsize,
    pub(super) is_joiner: bool,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<function {}>", self.name)
    }
}

macro_rules! plain {
    ($($object:ty),*) => {
        $(impl Object for $object {
            fn repr(self: &Arc<Self>) -> ObjectRepr {
                ObjectRepr::Plain
            }
        })*
    };
}

plain!(Namespace, Method, Function, Declared, Loop, Cycler);
