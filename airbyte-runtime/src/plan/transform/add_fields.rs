//! Fields that templates compute.

use serde_json::Value;

use super::view::View;
use super::{TransformScope, Transformation};
use crate::error::{Error, Result};
use crate::jinja::{self, PyType, Scope, Template};
use crate::plan::dpath::Dpath;
use crate::python::PyValue;

/// Writes fields in order; later ones see the earlier.
#[derive(Clone, Debug)]
pub(crate) struct AddFields {
    fields: Vec<AddedField>,
    condition: Option<Template>,
}

/// One field to write.
#[derive(Clone, Debug)]
pub(crate) struct AddedField {
    path: Vec<String>,
    target: Dpath,
    value: Template,
    value_type: Option<PyType>,
    view: View,
}

impl AddedField {
    /// A field at a path of plain keys, with the type that its value may be converted to.
    ///
    /// # Errors
    /// An empty path.
    pub(crate) fn new(path: Vec<String>, value: Template, value_type: Option<PyType>) -> Result<Self> {
        if path.is_empty() {
            return Err(Error::config(format!("the field with the value `{}` has an empty path", value.text()))
                .with_detail("AddFields: `path` needs at least one element"));
        }
        let target = Dpath::of_texts(path.iter().cloned());
        let view = View::of([&value]);
        Ok(Self { path, target, value, value_type, view })
    }
}

impl AddFields {
    /// Fields, each written only where the condition holds; it also sees `value` and `path`.
    pub(crate) fn new(mut fields: Vec<AddedField>, condition: Option<Template>) -> Self {
        for field in &mut fields {
            field.view = View::of([&field.value].into_iter().chain(&condition));
        }
        Self { fields, condition }
    }

    fn add(&self, field: &AddedField, record: &mut Value, scope: &TransformScope) -> Result<()> {
        let needs_scope = self.condition.is_some() || !field.value.is_static();
        let variables = if needs_scope { scope.over(record, &field.view) } else { Scope::new() };
        let value = field.value.eval_as(&variables, field.value_type.as_slice())?;
        let json = match &value {
            // JSON has no infinity; Python writes it as null.
            PyValue::Float(float) if !float.is_finite() => Some(Value::Null),
            value => value.to_json(),
        };
        let value = json.ok_or_else(|| {
            Error::system(format!("`{}` yields {}, which JSON cannot hold", field.value.text(), value.repr()))
        })?;
        if let Some(condition) = &self.condition {
            let path = jinja::json(&Value::from(field.path.clone()));
            let variables = variables.with("value", jinja::json(&value)).with("path", path);
            if !condition.condition(&variables)? {
                return Ok(());
            }
        }
        field.target.create(record, value)
    }
}

impl Transformation for AddFields {
    fn transform(&self, record: &mut Value, scope: &TransformScope) -> Result<()> {
        self.fields.iter().try_for_each(|field| {
            self.add(field, record, scope)
                .map_err(|error| error.within(format_args!("adding the field {}", field.target)))
        })
    }
}
