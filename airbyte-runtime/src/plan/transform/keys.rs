//! Transformations of the names of fields.

use serde_json::{Map, Value};

use super::snake_case::snake_case;
use super::view::View;
use super::{TransformScope, Transformation, object};
use crate::error::Result;
use crate::jinja::{self, Template};

/// Writes the names of the topmost fields in lower case.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeysToLower;

/// Writes all names in snake case, also in nested objects, but not in lists.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeysToSnakeCase;

/// Replaces a text in all names, also in nested objects, but not in lists.
#[derive(Clone, Debug)]
pub(crate) struct KeysReplace {
    old: Template,
    new: Template,
    view: View,
}

impl KeysReplace {
    /// The text to replace, and what to put there; both see `record` and the slice.
    pub(crate) fn new(old: Template, new: Template) -> Self {
        let view = View::of([&old, &new]);
        Self { old, new, view }
    }
}

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

impl Transformation for KeysToSnakeCase {
    fn transform(&self, record: &mut Value, _: &TransformScope) -> Result<()> {
        rename(object(record)?, &snake_case);
        Ok(())
    }
}

impl Transformation for KeysReplace {
    fn transform(&self, record: &mut Value, scope: &TransformScope) -> Result<()> {
        let variables = scope.over(record, &self.view).with("stream_state", jinja::json(&Value::Object(Map::new())));
        let old = self.old.eval(&variables)?.to_text();
        let new = self.new.eval(&variables)?.to_text();
        rename(object(record)?, &|key| key.replace(&old, &new));
        Ok(())
    }
}

/// Renames through nested objects. Where two names meet, the later value stays.
fn rename(record: &mut Map<String, Value>, name: &dyn Fn(&str) -> String) {
    let mut renamed = Map::with_capacity(record.len());
    for (key, mut value) in std::mem::take(record) {
        if let Value::Object(inner) = &mut value {
            rename(inner, name);
        }
        renamed.insert(name(&key), value);
    }
    *record = renamed;
}
