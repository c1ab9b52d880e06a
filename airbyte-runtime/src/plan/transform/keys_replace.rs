//! Names of fields in which templates replace a text.

use serde_json::{Map, Value};

use super::view::View;
use super::{TransformScope, Transformation, object, rename};
use crate::error::Result;
use crate::jinja::{self, Template};

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

impl Transformation for KeysReplace {
    fn transform(&self, record: &mut Value, scope: &TransformScope) -> Result<()> {
        let variables = scope.over(record, &self.view).with("stream_state", jinja::json(&Value::Object(Map::new())));
        let old = self.old.eval(&variables)?.to_text();
        let new = self.new.eval(&variables)?.to_text();
        rename(object(record)?, &|key| key.replace(&old, &new));
        Ok(())
    }
}
