//! Mappings of a manifest whose keys and values are templates.

use serde_json::Value;

use crate::error::Result;
use crate::jinja::{PyType, Scope, Template};
use crate::python::PyValue;

/// A mapping whose keys, and whose values that are text, are templates.
#[derive(Clone, Debug, Default)]
pub(crate) struct TemplateMapping {
    pub(crate) entries: Vec<(Template, MappedValue)>,
}

/// A value of such a mapping.
#[derive(Clone, Debug)]
pub(crate) enum MappedValue {
    /// Text: converted natively, and `None` if it is empty.
    Template(Template),
    /// Anything else, as it is, also with text inside.
    Literal(Value),
}

impl TemplateMapping {
    /// The entries in their order; of two with one key, the last counts and stands at the place of the first.
    ///
    /// # Errors
    /// See [`Template::eval_entry`].
    pub(super) fn evaluate(&self, scope: &Scope) -> Result<Vec<(String, PyValue)>> {
        let mut entries: Vec<(String, PyValue)> = Vec::with_capacity(self.entries.len());
        for (key, value) in &self.entries {
            let key = key.eval_entry(scope, &[PyType::Str])?.to_text();
            let value = match value {
                MappedValue::Template(template) => template.eval_entry(scope, &[])?,
                MappedValue::Literal(value) => PyValue::from_json(value),
            };
            match entries.iter_mut().find(|(known, _)| *known == key) {
                Some((_, old)) => *old = value,
                None => entries.push((key, value)),
            }
        }
        Ok(entries)
    }
}
