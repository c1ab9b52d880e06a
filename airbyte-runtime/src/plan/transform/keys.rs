//! Transformations of the names of fields.

use serde_json::{Map, Value};

#[cfg(feature = "snake_case")]
use super::snake_case::snake_case;
use super::{TransformScope, Transformation, object};
use crate::error::Result;

/// Writes the names of the topmost fields in lower case.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeysToLower;

/// Writes all names in snake case, also in nested objects, but not in lists.
#[cfg(feature = "snake_case")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeysToSnakeCase;

impl Transformation for KeysToLower {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        let record = object(record)?;
        let mut lower = Map::with_capacity(record.len());
        for (key, value) in std::mem::take(record) {
            let name = key.to_lowercase();
            // Where `Id` and `id` meet, the name that had to change wins, in whatever order they come.
            if name != key || !lower.contains_key(&name) {
                lower.insert(name, value);
            }
        }
        *record = lower;
        Ok(())
    }
}

#[cfg(feature = "snake_case")]
impl Transformation for KeysToSnakeCase {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        rename(object(record)?, &snake_case);
        Ok(())
    }
}

/// Renames through nested objects. Where two names meet, the later value stays.
pub(crate) fn rename(record: &mut Map<String, Value>, name: &dyn Fn(&str) -> String) {
    let mut renamed = Map::with_capacity(record.len());
    for (key, mut value) in std::mem::take(record) {
        if let Value::Object(inner) = &mut value {
            rename(inner, name);
        }
        renamed.insert(name(&key), value);
    }
    *record = renamed;
}
