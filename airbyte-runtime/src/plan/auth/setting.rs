//! What an authenticator is told: values that are known when the plan is made, or templates of a manifest.

use serde_json::Value;

#[cfg(feature = "manifest")]
use super::mapping::TemplateMapping;
use crate::error::Result;
#[cfg(feature = "manifest")]
use crate::jinja::{Scope, Template};
use crate::placeholder::as_text;
#[cfg(feature = "manifest")]
use crate::python::PyValue;

/// A value that is asked for each time it is used: templates of a manifest may change.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    Fixed(Value),
    /// A template, and what it sees besides the configuration.
    #[cfg(feature = "manifest")]
    Template(Template, Scope),
}

/// Settings by name.
#[derive(Clone, Debug)]
pub(crate) enum SettingMapping {
    Fixed(Vec<(String, Value)>),
    /// Templates, and what they see besides the configuration.
    #[cfg(feature = "manifest")]
    Templates(TemplateMapping, Scope),
}

/// What a setting is at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Json(Value),
    #[cfg(feature = "manifest")]
    Python(PyValue),
}

impl Setting {
    pub(crate) fn fixed(value: impl Into<Value>) -> Self {
        Self::Fixed(value.into())
    }

    /// A template that sees the configuration only.
    #[cfg(feature = "manifest")]
    pub(crate) fn template(template: Template) -> Self {
        Self::Template(template, Scope::new())
    }

    /// # Errors
    /// A template that cannot be evaluated is a system error.
    pub(super) fn evaluate(&self) -> Result<Told> {
        match self {
            Self::Fixed(value) => Ok(Told::Json(value.clone())),
            #[cfg(feature = "manifest")]
            Self::Template(template, scope) => template.eval(scope).map(Told::Python),
        }
    }

    /// The value as text.
    ///
    /// # Errors
    /// See [`Setting::evaluate`].
    pub(super) fn text(&self) -> Result<String> {
        self.evaluate().map(|told| told.to_text())
    }

    /// Whether nothing was written, which counts as nothing set.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Fixed(value) => value.is_null() || value.as_str() == Some(""),
            #[cfg(feature = "manifest")]
            Self::Template(template, _) => template.text().is_empty(),
        }
    }

    /// The text for a message, which shows no value.
    pub(super) fn written(&self) -> &str {
        match self {
            Self::Fixed(value) => value.as_str().unwrap_or_default(),
            #[cfg(feature = "manifest")]
            Self::Template(template, _) => template.text(),
        }
    }
}

impl Default for SettingMapping {
    fn default() -> Self {
        Self::Fixed(Vec::new())
    }
}

impl SettingMapping {
    /// The entries in their order.
    ///
    /// # Errors
    /// See [`Setting::evaluate`].
    pub(super) fn evaluate(&self) -> Result<Vec<(String, Told)>> {
        match self {
            Self::Fixed(entries) => {
                Ok(entries.iter().map(|(name, value)| (name.clone(), Told::Json(value.clone()))).collect())
            }
            #[cfg(feature = "manifest")]
            Self::Templates(mapping, scope) => {
                let entries = mapping.evaluate(scope)?;
                Ok(entries.into_iter().map(|(name, value)| (name, Told::Python(value))).collect())
            }
        }
    }
}

impl Told {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Json(Value::String(text.into()))
    }

    pub(super) const NOTHING: Self = Self::Json(Value::Null);

    /// Whether there is something to send.
    pub(super) fn is_truthy(&self) -> bool {
        match self {
            Self::Json(value) => !matches!(value, Value::Null | Value::Bool(false)) && value.as_str() != Some(""),
            #[cfg(feature = "manifest")]
            Self::Python(value) => value.is_truthy(),
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Json(value) => value.is_null(),
            #[cfg(feature = "manifest")]
            Self::Python(value) => *value == PyValue::None,
        }
    }

    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Json(value) => as_text(value).into_owned(),
            #[cfg(feature = "manifest")]
            Self::Python(value) => value.to_text(),
        }
    }

    /// The text, if it is one and not a number or a list that looks like it.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Json(value) => value.as_str(),
            #[cfg(feature = "manifest")]
            Self::Python(PyValue::Str(text)) => Some(text),
            #[cfg(feature = "manifest")]
            Self::Python(_) => None,
        }
    }

    /// The values of a form field, as Python's HTTP client writes it: a list repeats the name, and nothing leaves it out.
    pub(super) fn into_fields(self) -> Vec<String> {
        match self {
            Self::Json(Value::Null) => Vec::new(),
            Self::Json(Value::Array(items)) => items.iter().map(|item| as_text(item).into_owned()).collect(),
            Self::Json(value) => vec![as_text(&value).into_owned()],
            #[cfg(feature = "manifest")]
            Self::Python(value) => match value {
                PyValue::None => Vec::new(),
                PyValue::List(items) | PyValue::Tuple(items) | PyValue::Set(items) => {
                    items.iter().filter(|item| **item != PyValue::None).map(PyValue::to_text).collect()
                }
                PyValue::Dict(entries) => entries.iter().map(|(key, _)| key.to_text()).collect(),
                value => vec![value.to_text()],
            },
        }
    }

    /// The value as JSON; `None` if JSON cannot hold it.
    pub(super) fn into_json(self) -> Option<Value> {
        match self {
            Self::Json(value) => Some(value),
            #[cfg(feature = "manifest")]
            Self::Python(value) => value.to_json(),
        }
    }
}
