//! What a stream says about its records, and what becomes of fields of which it says nothing.

use serde_json::Value;

/// What records are held against besides the schema of the catalog.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Truth {
    pub(crate) undeclared: Undeclared,
    /// The schema of the records' type, which knows what cannot be null; the catalog's schema if there is no type.
    pub(crate) declared: Option<fn() -> Value>,
}

/// What becomes of fields that the schema does not declare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undeclared {
    /// They are written as they come, and reported.
    #[default]
    Keep,
    /// They are left out, and reported.
    Drop,
    /// The first one ends the stream.
    Reject,
}
