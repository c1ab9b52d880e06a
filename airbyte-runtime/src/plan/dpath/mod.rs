//! Paths into JSON as Airbyte's `field_path` has them: the rules of Python's dpath.
//!
//! A path is a list of segments. A text segment matches keys as a shell glob, and a list by its position if the text
//! is a whole number; a number matches positions only. `**` matches any number of levels, also none.

mod glob;
mod search;
mod segment;
#[cfg(test)]
mod tests;
mod write;

use std::ops::ControlFlow;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::python::PyValue;
use segment::Segment;

pub(crate) use segment::python_int;
#[cfg(feature = "manifest")]
pub(crate) use write::delete_scalars;

/// A compiled path. Without segments it is the value itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dpath {
    segments: Vec<Segment>,
}

impl Dpath {
    /// The path of segments as templates yield them.
    pub(crate) fn new(segments: impl IntoIterator<Item = PyValue>) -> Self {
        Self { segments: segments.into_iter().map(Segment::new).collect() }
    }

    /// The path of texts, which no template converts: `0` is both a key and a position.
    pub(crate) fn of_texts<T: Into<String>>(segments: impl IntoIterator<Item = T>) -> Self {
        Self::new(segments.into_iter().map(|text| PyValue::Str(text.into())))
    }

    /// The path that a text with slashes denotes; slashes at its start do not count.
    pub(crate) fn parse_slashed(path: &str) -> Self {
        if path.is_empty() || path == "/" {
            return Self { segments: Vec::new() };
        }
        Self::of_texts(path.trim_start_matches('/').split('/'))
    }

    /// Whether it is the value itself.
    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Whether a segment is exactly `*`: the CDK then takes all matches instead of the only one.
    pub(crate) fn has_star(&self) -> bool {
        self.segments.iter().any(|segment| segment.is_text("*"))
    }

    /// Whether a segment holds `*`, `?` or `[`.
    pub(crate) fn has_globs(&self) -> bool {
        self.segments.iter().any(Segment::has_glob_characters)
    }

    /// The path as keys of objects, if no segment can match anything else.
    pub(crate) fn as_plain_path(&self) -> Option<Vec<String>> {
        self.segments.iter().map(|segment| segment.plain_key().map(str::to_owned)).collect()
    }

    /// The only value that the path matches, `None` if there is none.
    ///
    /// # Errors
    /// More than one match, two `**`.
    pub(crate) fn get<'v>(&self, value: &'v Value) -> Result<Option<&'v Value>> {
        if self.is_empty() {
            return Ok(Some(value));
        }
        let mut only = None;
        let mut ambiguous = false;
        self.search(value, &mut |found| {
            ambiguous = only.is_some();
            only = Some(found);
            if ambiguous { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if ambiguous {
            return Err(Error::system(format!(
                "the path {self} matches more than one value; name one of them, or make a segment `*` where all are wanted"
            )));
        }
        Ok(only)
    }

    /// The value at a path without globs, on the way to which a number may also be a key. Nothing else is looked at.
    pub(crate) fn look_up<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.segments.iter().try_fold(value, |value, segment| match value {
            Value::Object(object) => object.get(&segment.written_key()),
            Value::Array(items) => items.get(segment.position_in(items.len())?),
            _ => None,
        })
    }

    /// The path with another last key.
    pub(crate) fn sibling(&self, key: &str) -> Self {
        let mut segments = self.segments.clone();
        segments.pop();
        segments.push(Segment::new(PyValue::Str(key.to_owned())));
        Self { segments }
    }

    /// All values that the path matches: those of one level before those below it.
    ///
    /// # Errors
    /// Two `**`.
    pub(crate) fn values<'v>(&self, value: &'v Value) -> Result<Vec<&'v Value>> {
        let mut values = Vec::new();
        self.search(value, &mut |found| {
            values.push(found);
            ControlFlow::Continue(())
        })?;
        Ok(values)
    }

    /// [`Dpath::get`] that moves the value out and leaves `null` behind.
    ///
    /// # Errors
    /// See [`Dpath::get`].
    pub(crate) fn take(&self, value: &mut Value) -> Result<Option<Value>> {
        if self.is_empty() {
            return Ok(Some(std::mem::take(value)));
        }
        if self.get(value)?.is_none() {
            return Ok(None);
        }
        let mut taken = None;
        self.visit_mut(value, &mut |found| taken = Some(std::mem::take(found)));
        Ok(taken)
    }

    /// [`Dpath::values`] that moves the values out, where no match can lie within another.
    ///
    /// # Errors
    /// See [`Dpath::values`].
    pub(crate) fn take_values(&self, mut value: Value) -> Result<Vec<Value>> {
        if self.any_depth().is_some() {
            return Ok(self.values(&value)?.into_iter().cloned().collect());
        }
        self.check_searchable(&value)?;
        let mut values = Vec::new();
        self.visit_mut(&mut value, &mut |found| values.push(std::mem::take(found)));
        Ok(values)
    }
}

impl std::fmt::Display for Dpath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[")?;
        for (position, segment) in self.segments.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{segment}")?;
        }
        f.write_str("]")
    }
}
