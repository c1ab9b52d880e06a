//! Airbyte's templates: Jinja with the variables, macros, filters and literal rules of the Python CDK.
//!
//! Text without markers is converted once.
//! Other templates are parsed by minijinja, and evaluated with Python's operators, attributes, methods and printing.
//! What they print is then read as a Python literal where it is one.

mod analysis;
mod arguments;
mod attributes;
mod containers;
mod evaluation;
mod filters;
mod format;
mod limits;
mod lower;
mod macros;
mod methods;
mod objects;
mod operators;
mod predicates;
mod print;
mod raise;
mod short_pages;
mod str_format;
mod syntax;
mod template;
#[cfg(test)]
mod tests;
mod time;

use std::sync::Arc;

use serde_json::{Map, Value};

pub(crate) use macros::json_loads;
pub(crate) use objects::{json, mapping, record, stream_slice};
pub(crate) use template::Template;

/// What all templates of a source share: the configuration as templates see it.
#[derive(Debug)]
pub(crate) struct Environment {
    config: minijinja::Value,
}

/// The `$parameters` that reach a component.
pub(crate) type Parameters = Arc<Map<String, Value>>;

/// The variables of one evaluation, besides `config` and `parameters`, which it may hide.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    variables: Vec<(String, minijinja::Value)>,
}

/// The types that a converted value may have; any other stays text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PyType {
    /// `str`.
    Str,
    /// `int`, which in Python `True` and `False` are as well.
    Int,
    /// `float`.
    Float,
    /// `bool`.
    Bool,
    /// `list`.
    List,
}

impl Environment {
    /// The environment of a source with this configuration.
    pub(crate) fn new(config: &Value) -> Arc<Self> {
        Arc::new(Self { config: json(config) })
    }
}

/// Two other names of the whole slice.
const SLICE: &str = "stream_slice";
const SLICE_ALIASES: [&str; 2] = ["stream_interval", "stream_partition"];

/// What Jinja calls the template itself, by which it reaches its blocks.
const SELF: &str = "self";

/// The name under which a variable is kept.
fn canonical(name: &str) -> &str {
    if SLICE_ALIASES.contains(&name) { SLICE } else { name }
}

impl Scope {
    /// A scope without variables.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a variable; `stream_slice` is called `stream_interval` and `stream_partition` as well.
    #[must_use]
    pub(crate) fn with(mut self, name: impl Into<String>, value: minijinja::Value) -> Self {
        self.variables.push((name.into(), value));
        self
    }

    fn get(&self, name: &str) -> Option<&minijinja::Value> {
        let name = canonical(name);
        self.variables.iter().rev().find(|(variable, _)| variable == name).map(|(_, value)| value)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let has_slice = self.get(SLICE).is_some();
        let aliases = SLICE_ALIASES.into_iter().filter(move |_| has_slice);
        self.variables.iter().map(|(name, _)| name.as_str()).chain(aliases)
    }
}
