//! A field of the configuration whose old values become new ones.

use serde_json::{Map, Value};

use super::view::View;
use super::{TransformScope, Transformation};
use crate::error::{Error, Result};
use crate::jinja::{PyType, Scope, Template};
use crate::python::PyValue;

/// Replaces the value of one field of the configuration if a map has it.
#[derive(Clone, Debug)]
pub(crate) struct ConfigRemapField {
    path: Vec<Template>,
    map: Vec<(Template, MappedValue)>,
}

/// What an old value becomes.
#[derive(Clone, Debug)]
pub(crate) enum MappedValue {
    Template(Template),
    Value(Value),
}

impl ConfigRemapField {
    /// A field of nested objects, and the map from its old values to the new ones. All templates see `config`.
    ///
    /// # Errors
    /// An empty path.
    pub(crate) fn new(path: Vec<Template>, map: Vec<(Template, MappedValue)>) -> Result<Self> {
        if path.is_empty() {
            return Err(Error::config("a ConfigRemapField has an empty `field_path`; name the field to change"));
        }
        Ok(Self { path, map })
    }

    fn mapped(&self, old: &Value, variables: &Scope) -> Result<Option<Value>> {
        if old.is_object() || old.is_array() {
            return Err(Error::config(
                "the field that a ConfigRemapField changes is an object or a list, which no map can have as a key",
            ));
        }
        let mut found = None;
        for (key, new) in &self.map {
            // Keys are always text, and a later entry with an equal key wins.
            if matches!((key.eval_entry(variables, &[PyType::Str])?, old), (PyValue::Str(key), Value::String(old)) if key == *old)
            {
                found = Some(new);
            }
        }
        match found {
            None => Ok(None),
            Some(MappedValue::Value(value)) => Ok(Some(value.clone())),
            Some(MappedValue::Template(template)) => {
                let value = template.eval_entry(variables, &[])?;
                let json = value.to_json();
                json.map(Some).ok_or_else(|| {
                    Error::config(format!("`{}` in a ConfigRemapField yields what JSON cannot hold", template.text()))
                })
            }
        }
    }
}

impl Transformation for ConfigRemapField {
    fn transform(&self, config: &mut Value, scope: &TransformScope) -> Result<()> {
        let variables = scope.over(config, &View::Whole);
        let mut keys = Vec::new();
        for segment in &self.path {
            keys.push(segment.eval(&variables)?);
        }
        let Some(field) = field_mut(config, &keys) else { return Ok(()) };
        if let Some(new) = self.mapped(field, &variables)? {
            *field = new;
        }
        Ok(())
    }
}

/// The field, if every step is a key of an object: numbers are none.
fn field_mut<'c>(config: &'c mut Value, keys: &[PyValue]) -> Option<&'c mut Value> {
    keys.iter().try_fold(config, |value, key| match key {
        PyValue::Str(key) => value.as_object_mut().and_then(|object: &mut Map<String, Value>| object.get_mut(key)),
        _ => None,
    })
}
