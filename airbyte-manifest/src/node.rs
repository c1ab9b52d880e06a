//! The document as a tree in which every value knows where it was written.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Number, Value};

/// How deep values may lie in each other, in the file and after its references; deeper is refused.
pub(crate) const DEPTH: usize = 128;

/// From how many keys on an index pays.
const INDEXED: usize = 24;

/// Where a value begins in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1; 0 for a value that no file holds.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// A value with its position.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub at: Position,
}

/// What a YAML 1.1 document may hold, as PyYAML's safe loader types it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    #[default]
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// A whole number; text where it does not fit 64 bits.
    Int(Number),
    /// A number with a fraction; YAML also has `.inf` and `.nan`.
    Float(f64),
    /// Text.
    Text(String),
    /// An unquoted date or timestamp, in ISO 8601: PyYAML makes a date of it, which is refused where text is wanted.
    Date(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// A mapping in the order of the file. A copy shares the entries until one of the two changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Arc<Vec<Entry>>);

/// One key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key as text.
    pub key: String,
    /// Where the key stands.
    pub at: Position,
    /// Its value.
    pub value: Node,
}

/// Positions do not count: two values are the same if their contents are.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}

/// Positions do not count.
impl std::hash::Hash for Node {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(&self.kind).hash(state);
        match &self.kind {
            Kind::Null => {}
            Kind::Bool(flag) => flag.hash(state),
            Kind::Int(number) => number.hash(state),
            Kind::Float(number) => number.to_bits().hash(state),
            Kind::Text(text) | Kind::Date(text) => text.hash(state),
            Kind::List(items) => items.hash(state),
            Kind::Map(map) => {
                map.len().hash(state);
                for entry in map {
                    entry.key.hash(state);
                    entry.value.hash(state);
                }
            }
        }
    }
}

impl Node {
    /// A value at a position.
    pub fn new(kind: Kind, at: Position) -> Self {
        Self { kind, at }
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The sequence, if it is one.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The value as JSON; dates become text, infinite numbers null.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(flag) => Value::Bool(*flag),
            Kind::Int(number) => Value::Number(number.clone()),
            Kind::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            Kind::Text(text) | Kind::Date(text) => Value::String(text.clone()),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(map) => map.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect(),
        }
    }

    /// A tree without positions, as for a value that no file holds.
    pub fn from_json(value: &Value) -> Self {
        let kind = match value {
            Value::Null => Kind::Null,
            Value::Bool(flag) => Kind::Bool(*flag),
            Value::Number(number) if number.is_f64() => Kind::Float(number.as_f64().unwrap_or_default()),
            Value::Number(number) => Kind::Int(number.clone()),
            Value::String(text) => Kind::Text(text.clone()),
            Value::Array(items) => Kind::List(items.iter().map(Self::from_json).collect()),
            Value::Object(object) => Kind::Map(
                object
                    .iter()
                    .map(|(key, value)| Entry {
                        key: key.clone(),
                        at: Position::default(),
                        value: Self::from_json(value),
                    })
                    .collect(),
            ),
        };
        Self { kind, at: Position::default() }
    }
}

impl Map {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let at = self.0.iter().position(|entry| entry.key == key)?;
        Arc::make_mut(&mut self.0).get_mut(at).map(|entry| &mut entry.value)
    }

    /// Sets a key: in its old place if it is there, else at the end.
    pub fn insert(&mut self, entry: Entry) {
        let at = self.0.iter().position(|known| known.key == entry.key);
        let entries = Arc::make_mut(&mut self.0);
        match at.and_then(|at| entries.get_mut(at)) {
            Some(known) => *known = entry,
            None => entries.push(entry),
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.0.iter().position(|entry| entry.key == key)?;
        Some(Arc::make_mut(&mut self.0).remove(at))
    }

    /// The entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.0.iter()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A mapping of pairs in which a key may come again: its last value counts, at its first place.
    pub(crate) fn from_pairs(pairs: impl IntoIterator<Item = Entry>) -> Self {
        let mut map = Vec::<Entry>::new();
        let mut index = HashMap::<String, usize>::new();
        for entry in pairs {
            if map.len() == INDEXED {
                index = map.iter().enumerate().map(|(at, known)| (known.key.clone(), at)).collect();
            }
            let known = match map.len() < INDEXED {
                true => map.iter().position(|known| known.key == entry.key),
                false => index.get(&entry.key).copied(),
            };
            match known.and_then(|at| map.get_mut(at)) {
                Some(known) => *known = entry,
                None => {
                    if map.len() >= INDEXED {
                        index.insert(entry.key.clone(), map.len());
                    }
                    map.push(entry);
                }
            }
        }
        Self(Arc::new(map))
    }

    /// These entries with others over them: a key that is there keeps its place.
    pub(crate) fn overlaid(&self, over: Self) -> Self {
        // A few keys are found faster than all are indexed.
        if over.len() > INDEXED {
            return Self::from_pairs(self.iter().cloned().chain(over));
        }
        let mut entries = Vec::with_capacity(self.len() + over.len());
        entries.extend(self.iter().cloned());
        let mut map = Self(Arc::new(entries));
        for entry in over {
            map.insert(entry);
        }
        map
    }

    /// Gives the entry at an index another value.
    pub(crate) fn replace(&mut self, at: usize, value: Node) {
        if let Some(entry) = Arc::make_mut(&mut self.0).get_mut(at) {
            entry.value = value;
        }
    }

    /// Where the entries lie: the same for two mappings that share them.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl FromIterator<Entry> for Map {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        Self(Arc::new(entries.into_iter().collect()))
    }
}

impl IntoIterator for Map {
    type Item = Entry;
    type IntoIter = std::vec::IntoIter<Entry>;
    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
