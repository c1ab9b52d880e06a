//! Python's values, as Airbyte's templates produce them: what they are called, and how they print.

/// A value as a template yields it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PyValue {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(String),
    Bytes(Vec<u8>),
    List(Vec<PyValue>),
    Tuple(Vec<PyValue>),
    Set(Vec<PyValue>),
    Dict(Vec<(PyValue, PyValue)>),
    Ellipsis,
}

impl PyValue {
    /// JSON as Python's parser reads it.
    pub(crate) fn from_json(_value: &serde_json::Value) -> Self {
        unimplemented!()
    }

    /// The value as JSON; tuples become lists, keys become text. `None` for what JSON cannot hold.
    pub(crate) fn to_json(&self) -> Option<serde_json::Value> {
        unimplemented!()
    }

    /// Python's `repr`.
    pub(crate) fn repr(&self) -> String {
        unimplemented!()
    }

    /// Python's `str`.
    pub(crate) fn to_text(&self) -> String {
        unimplemented!()
    }

    /// Python's truth.
    pub(crate) fn is_truthy(&self) -> bool {
        unimplemented!()
    }
}
