//! Nested fields lifted to the top.

use serde_json::{Map, Value};

use super::{TransformScope, Transformation, object};
use crate::error::Result;
use crate::plan::dpath::Dpath;

/// Lifts every scalar of the record to the top.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlattenFields {
    flatten_lists: bool,
}

impl FlattenFields {
    /// Whether lists are flattened too, or stay as they are.
    pub(crate) fn new(flatten_lists: bool) -> Self {
        Self { flatten_lists }
    }
}

impl Transformation for FlattenFields {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        let record = object(record)?;
        let mut flat = Map::new();
        // The last child comes first. A key is prefixed with its parent's name if the result has it already, and
        // always once a list was met.
        let mut met_list = false;
        let mut pending = vec![(Value::Object(std::mem::take(record)), String::from("_"))];
        while let Some((value, name)) = pending.pop() {
            match value {
                Value::Object(members) => {
                    for (key, child) in members {
                        let key = if met_list || flat.contains_key(&key) { format!("{name}.{key}") } else { key };
                        pending.push((child, key));
                    }
                }
                Value::Array(items) if self.flatten_lists => {
                    for (at, item) in items.into_iter().enumerate() {
                        met_list = true;
                        pending.push((item, format!("{name}.{at}")));
                    }
                }
                leaf => {
                    flat.insert(name, leaf);
                }
            }
        }
        *record = flat;
        Ok(())
    }
}

/// Lifts the members of one nested object to the top.
#[derive(Clone, Debug)]
pub(crate) struct DpathFlattenFields {
    path: Dpath,
    delete_origin_value: bool,
    replace_record: bool,
    key_transformation: KeyTransformation,
}

/// What is put around the lifted keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeyTransformation {
    pub(crate) prefix: String,
    pub(crate) suffix: String,
}

impl KeyTransformation {
    fn apply(&self, key: &str) -> String {
        format!("{}{key}{}", self.prefix, self.suffix)
    }
}

impl DpathFlattenFields {
    /// Lifts the object at the path. With `replace_record` nothing else of the record stays; otherwise nothing
    /// happens if the record already has one of the keys.
    pub(crate) fn new(
        path: Dpath,
        delete_origin_value: bool,
        replace_record: bool,
        key_transformation: KeyTransformation,
    ) -> Self {
        Self { path, delete_origin_value, replace_record, key_transformation }
    }

    fn lifted(&self, record: &Value) -> Result<Option<Map<String, Value>>> {
        let found =
            if self.path.has_star() { self.path.values(record)?.into_iter().next() } else { self.path.get(record)? };
        let Some(Value::Object(found)) = found else { return Ok(None) };
        Ok(Some(found.iter().map(|(key, value)| (self.key_transformation.apply(key), value.clone())).collect()))
    }
}

impl Transformation for DpathFlattenFields {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        let Some(lifted) = self.lifted(record)? else { return Ok(()) };
        if self.replace_record && !lifted.is_empty() {
            *record = Value::Object(lifted);
            return Ok(());
        }
        if object(record)?.keys().any(|key| lifted.contains_key(key)) {
            return Ok(());
        }
        if self.delete_origin_value {
            self.path.delete(record)?;
        }
        object(record)?.extend(lifted);
        Ok(())
    }
}
