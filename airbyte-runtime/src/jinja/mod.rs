//! Airbyte's templates: Jinja with the variables, macros, filters and literal rules of the Python CDK.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::error::Result;
use crate::python::PyValue;

/// What all templates of a source share: the configuration, the macros, the filters.
#[derive(Debug)]
pub(crate) struct Environment {}

/// The `$parameters` that reach a component.
pub(crate) type Parameters = Arc<Map<String, Value>>;

/// The variables of one evaluation, besides `config` and `parameters`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    variables: Vec<(String, minijinja::Value)>,
}

/// The types that a converted value may have; any other stays text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PyType {
    Str,
    Int,
    Float,
    Bool,
    List,
}

/// A template that is compiled once. Text without markers never enters the engine.
#[derive(Clone, Debug)]
pub(crate) struct Template {}

impl Environment {
    /// The environment of a source with this configuration.
    pub(crate) fn new(_config: &Value) -> Arc<Self> {
        unimplemented!()
    }
}

impl Scope {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a variable.
    #[must_use]
    pub(crate) fn with(mut self, name: impl Into<String>, value: minijinja::Value) -> Self {
        self.variables.push((name.into(), value));
        self
    }
}

/// A JSON value as templates see it: mappings keep their order, `null` is `None`.
pub(crate) fn json(_value: &Value) -> minijinja::Value {
    unimplemented!()
}

/// A record as templates see it: a mapping with the attribute `data`, which is the whole record.
pub(crate) fn record(_record: &Value) -> minijinja::Value {
    unimplemented!()
}

/// A slice as templates see it: a mapping of partition and cursor keys, with the attributes `partition`,
/// `cursor_slice` and `extra_fields`.
pub(crate) fn stream_slice(
    _partition: &Map<String, Value>,
    _cursor_slice: &Map<String, Value>,
    _extra_fields: &Map<String, Value>,
) -> minijinja::Value {
    unimplemented!()
}

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// A template that Jinja cannot parse is a system error that quotes it.
    pub(crate) fn new(_environment: &Arc<Environment>, _text: &str, _parameters: &Parameters) -> Result<Self> {
        unimplemented!()
    }

    /// The template as it was written.
    pub(crate) fn text(&self) -> &str {
        unimplemented!()
    }

    /// Whether it has no markers.
    pub(crate) fn is_static(&self) -> bool {
        unimplemented!()
    }

    /// Whether the variable stands free in it.
    pub(crate) fn mentions(&self, _variable: &str) -> bool {
        unimplemented!()
    }

    /// The paths by which the template reads a variable, as far as constant keys go (`response.a['b'].get('c', {})` is
    /// `[a, b, c]`); `None` if it uses the variable in a way that needs the whole value.
    pub(crate) fn paths_of(&self, _variable: &str) -> Option<Vec<Vec<String>>> {
        unimplemented!()
    }

    /// The value as the CDK's `InterpolatedString` yields it: natively converted, and an undefined value is an error.
    ///
    /// # Errors
    /// Undeclared variables, undefined values, errors of macros.
    pub(crate) fn eval(&self, _scope: &Scope) -> Result<PyValue> {
        unimplemented!()
    }

    /// The same, where the conversion counts only if it gives one of these types.
    ///
    /// # Errors
    /// See [`Template::eval`].
    pub(crate) fn eval_as(&self, _scope: &Scope, _valid: &[PyType]) -> Result<PyValue> {
        unimplemented!()
    }

    /// The value of an entry of an `InterpolatedMapping`: an undefined or empty value is `None`.
    /// `valid` restricts the conversion if given.
    ///
    /// # Errors
    /// Undeclared variables, errors of macros.
    pub(crate) fn eval_entry(&self, _scope: &Scope, _valid: Option<&[PyType]>) -> Result<PyValue> {
        unimplemented!()
    }

    /// The value as the CDK's `InterpolatedBoolean` yields it: an undefined value is false.
    ///
    /// # Errors
    /// Undeclared variables, errors of macros.
    pub(crate) fn condition(&self, _scope: &Scope) -> Result<bool> {
        unimplemented!()
    }
}
