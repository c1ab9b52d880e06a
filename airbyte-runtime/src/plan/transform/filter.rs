//! Which records stay.

use serde_json::{Map, Value};

use super::TransformScope;
use super::view::View;
use crate::error::Result;
use crate::jinja::{self, Template};

/// Keeps the records for which a condition holds.
#[derive(Clone, Debug)]
pub(crate) struct RecordFilter {
    condition: Template,
    view: View,
}

impl RecordFilter {
    /// A filter by a condition on `record`, the slice and `next_page_token`, which is always `None`.
    pub(crate) fn new(condition: Template) -> Self {
        let view = View::of([&condition]);
        Self { condition, view }
    }

    /// Whether the record stays. An undefined value is false.
    ///
    /// # Errors
    /// Undeclared variables, errors of macros.
    pub(crate) fn keep(&self, record: &Value, scope: &TransformScope) -> Result<bool> {
        let variables = scope
            .over(record, &self.view)
            .with("next_page_token", jinja::json(&Value::Null))
            .with("stream_state", jinja::json(&Value::Object(Map::new())));
        self.condition.condition(&variables)
    }
}
