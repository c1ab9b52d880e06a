//! A compiled template, and what its text becomes in the places where a manifest may hold one.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value as Json};

use super::analysis::{self, Analysis};
use super::evaluation::Evaluation;
use super::raise::Raise;
use super::syntax::{Name, Stmt};
use super::{Environment, Parameters, PyType, Scope, canonical, json, limits, lower, short_pages};
use crate::error::{Error, Result};
use crate::python::{PyValue, parse_literal};

/// How much of a template an error quotes.
const QUOTED_CHARS: usize = 200;
/// A variable of old that the CDK refuses wherever the text mentions it.
const RETIRED: &str = "stream_state";

/// A template that is compiled once. Text without markers never enters the engine.
///
/// Clones share the compiled form and what was evaluated for good.
#[derive(Clone, Debug)]
pub(crate) struct Template(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    environment: Arc<Environment>,
    text: String,
    body: Body,
    /// Whether the first evaluation gave the template's own text, which it then gives forever.
    is_plain: OnceLock<bool>,
}

#[derive(Debug)]
enum Body {
    Static(Rendered<'static>),
    /// It names the retired variable: every evaluation fails.
    Retired,
    /// Jinja cannot parse it: every evaluation fails with this message.
    Broken(String),
    Dynamic(Box<Dynamic>),
}

#[derive(Debug)]
struct Dynamic {
    statements: Vec<Stmt>,
    analysis: Analysis,
    parameters: minijinja::Value,
    /// What a template renders to that depends on nothing but the configuration.
    constant: OnceLock<Rendered<'static>>,
}

/// What a rendering gives; one that is kept for later evaluations is lent to them.
#[derive(Debug)]
enum Rendered<'kept> {
    Text {
        text: Cow<'kept, str>,
        /// The value that the text writes as a Python literal.
        literal: Option<Cow<'kept, PyValue>>,
    },
    Undefined(Cow<'kept, str>),
}

impl Rendered<'_> {
    fn of(text: String) -> Self {
        Self::Text { literal: parse_literal(&text).map(Cow::Owned), text: Cow::Owned(text) }
    }

    fn lend(&self) -> Rendered<'_> {
        match self {
            Self::Text { text, literal } => {
                Rendered::Text { text: Cow::Borrowed(text), literal: literal.as_deref().map(Cow::Borrowed) }
            }
            Self::Undefined(what) => Rendered::Undefined(Cow::Borrowed(what)),
        }
    }
}

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// A template that Jinja cannot parse is a system error that quotes it.
    pub(crate) fn new(environment: &Arc<Environment>, text: &str, parameters: &Parameters) -> Result<Self> {
        let body = if text.contains(RETIRED) { Body::Retired } else { Self::body(text, parameters)? };
        Ok(Self::of(environment, text, body))
    }

    /// The same, where a template that cannot be parsed fails when it is evaluated: it may stand in a part of a manifest
    /// that this run does not need.
    pub(crate) fn lazy(environment: &Arc<Environment>, text: &str, parameters: &Parameters) -> Self {
        Self::new(environment, text, parameters)
            .unwrap_or_else(|error| Self::of(environment, text, Body::Broken(error.message().to_owned())))
    }

    fn of(environment: &Arc<Environment>, text: &str, body: Body) -> Self {
        let (environment, text) = (environment.clone(), text.to_owned());
        Self(Arc::new(Inner { environment, text, body, is_plain: OnceLock::new() }))
    }

    fn body(text: &str, parameters: &Parameters) -> Result<Body> {
        let source = match text.contains('\r') {
            true => text.replace("\r\n", "\n").replace('\r', "\n"),
            false => text.to_owned(),
        };
        if !["{{", "{%", "{#"].iter().any(|marker| source.contains(marker)) {
            let source = source.strip_suffix('\n').unwrap_or(&source);
            return Ok(Body::Static(Rendered::of(source.to_owned())));
        }
        let statements = lower::parse(&source)
            .map_err(|what| Error::system(format!("the template `{}` is not valid: {what}", quoted(text))))?;
        let analysis = Analysis::of(&statements);
        let uses_parameters = analysis.free.iter().any(|name| &**name == "parameters");
        let parameters = match uses_parameters {
            true => json(&Json::Object(Map::clone(parameters))),
            false => minijinja::Value::UNDEFINED,
        };
        Ok(Body::Dynamic(Box::new(Dynamic { statements, analysis, parameters, constant: OnceLock::new() })))
    }

    /// The template as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether it has no markers.
    pub(crate) fn is_static(&self) -> bool {
        matches!(self.0.body, Body::Static(_))
    }

    /// Whether the variable stands free in it; other names of the slice count as the slice.
    pub(crate) fn mentions(&self, variable: &str) -> bool {
        let Body::Dynamic(dynamic) = &self.0.body else { return false };
        dynamic.analysis.free.iter().any(|name| canonical(name) == canonical(variable))
    }

    /// The paths by which the template reads a variable, as far as constant keys go (`response.a['b'].get('c', {})` is
    /// `[a, b, c]`); `None` if it uses the variable in a way that needs the whole value.
    pub(crate) fn paths_of(&self, variable: &str) -> Option<Vec<Vec<String>>> {
        match &self.0.body {
            Body::Static(_) | Body::Retired | Body::Broken(_) => Some(Vec::new()),
            Body::Dynamic(dynamic) => analysis::paths(&dynamic.statements, variable),
        }
    }

    /// Whether the template, as the condition that ends the pages, certainly holds for a full page once smaller pages
    /// are asked for, of `minimum` records or more.
    pub(crate) fn ends_at_reduced_page(&self, minimum: i64) -> bool {
        match &self.0.body {
            Body::Static(_) | Body::Retired | Body::Broken(_) => false,
            Body::Dynamic(dynamic) => short_pages::ends_at_reduced_page(&dynamic.statements, minimum),
        }
    }

    /// The value as the CDK's `InterpolatedString` yields it: natively converted, and an undefined value is an error.
    ///
    /// # Errors
    /// Undeclared variables, undefined values, errors of macros.
    pub(crate) fn eval(&self, scope: &Scope) -> Result<PyValue> {
        self.eval_as(scope, &[])
    }

    /// The same, where the conversion counts only if it gives one of these types; without any, all count.
    ///
    /// # Errors
    /// See [`Template::eval`].
    pub(crate) fn eval_as(&self, scope: &Scope, valid: &[PyType]) -> Result<PyValue> {
        if self.0.is_plain.get() == Some(&true) {
            return Ok(PyValue::Str(self.0.text.clone()));
        }
        let value = match self.rendered(scope)? {
            Rendered::Text { text, literal } => converted(text, literal, valid),
            Rendered::Undefined(what) => return Err(self.failed(&what)),
        };
        self.0.is_plain.get_or_init(|| matches!(&value, PyValue::Str(text) if *text == self.0.text));
        Ok(value)
    }

    /// The value of an entry of an `InterpolatedMapping`: an undefined or empty value is `None`.
    /// `valid` restricts the conversion as in [`Template::eval_as`].
    ///
    /// # Errors
    /// Undeclared variables, errors of macros.
    pub(crate) fn eval_entry(&self, scope: &Scope, valid: &[PyType]) -> Result<PyValue> {
        Ok(match self.rendered(scope)? {
            Rendered::Text { text, literal } if !text.is_empty() => converted(text, literal, valid),
            Rendered::Text { .. } | Rendered::Undefined(_) => PyValue::None,
        })
    }

    /// The value as the CDK's `InterpolatedBoolean` yields it: an undefined value is false.
    ///
    /// # Errors
    /// Undeclared variables, errors of macros.
    pub(crate) fn condition(&self, scope: &Scope) -> Result<bool> {
        Ok(match self.rendered(scope)? {
            Rendered::Text { text, literal } => is_condition(&converted(text, literal, &[])),
            Rendered::Undefined(_) => false,
        })
    }

    fn rendered(&self, scope: &Scope) -> Result<Rendered<'_>> {
        let dynamic = match &self.0.body {
            Body::Static(rendered) => return Ok(rendered.lend()),
            Body::Broken(message) => return Err(Error::system(message.clone())),
            Body::Retired => {
                return Err(Error::config(format!(
                    "`{RETIRED}` is no longer supported for interpolation, but the template `{}` uses it; use \
                     `stream_interval` instead",
                    quoted(&self.0.text)
                )));
            }
            Body::Dynamic(dynamic) => dynamic,
        };
        let is_cacheable = dynamic.is_constant() && scope.get("config").or(scope.get("parameters")).is_none();
        if is_cacheable && let Some(rendered) = dynamic.constant.get() {
            return Ok(rendered.lend());
        }
        let rendered = self.render(dynamic, scope)?;
        if is_cacheable {
            return Ok(dynamic.constant.get_or_init(|| rendered).lend());
        }
        Ok(rendered)
    }

    fn render(&self, dynamic: &Dynamic, scope: &Scope) -> Result<Rendered<'static>> {
        let is_known = |name: &Name| matches!(&**name, "config" | "parameters") || scope.get(name).is_some();
        if !dynamic.analysis.free.iter().all(is_known) {
            return Err(self.undeclared(dynamic, scope));
        }
        let mut text = String::new();
        let mut run = Evaluation::new(scope, &self.0.environment.config, &dynamic.parameters);
        if dynamic.analysis.changes {
            run.take_copies(&dynamic.analysis.free);
        }
        let result = run.statements(&dynamic.statements, &mut text);
        // Whatever fails for want of steps fails the template.
        match limits::check().and(result) {
            Ok(()) => Ok(Rendered::of(text)),
            Err(Raise::Type(_)) => Ok(Rendered::of(self.0.text.clone())),
            Err(Raise::Undefined(what)) => Ok(Rendered::Undefined(Cow::Owned(what))),
            Err(Raise::Other(what)) => Err(self.failed(&what)),
        }
    }

    fn undeclared(&self, dynamic: &Dynamic, scope: &Scope) -> Error {
        let known: Vec<&str> = ["config", "parameters"].into_iter().chain(scope.names()).collect();
        let unknown: Vec<String> = dynamic
            .analysis
            .free
            .iter()
            .filter(|name| !known.contains(&&***name))
            .map(|name| format!("`{name}`"))
            .collect();
        Error::system(format!(
            "the template `{}` uses {}, which does not exist here; available are {}",
            quoted(&self.0.text),
            unknown.join(", "),
            known.join(", ")
        ))
    }

    fn failed(&self, what: &str) -> Error {
        Error::system(format!("the template `{}` cannot be evaluated: {what}", quoted(&self.0.text)))
    }
}

impl Dynamic {
    fn is_constant(&self) -> bool {
        !self.analysis.is_volatile && self.analysis.free.iter().all(|name| matches!(&**name, "config" | "parameters"))
    }
}

/// The literal if it has one of the types, or any type if none is asked for; otherwise the text.
fn converted(text: Cow<'_, str>, literal: Option<Cow<'_, PyValue>>, valid: &[PyType]) -> PyValue {
    let is_valid = |value: &PyValue| {
        valid.is_empty()
            || valid.iter().any(|kind| {
                matches!(
                    (kind, value),
                    (PyType::Str, PyValue::Str(_))
                        | (PyType::Int, PyValue::Int(_) | PyValue::Bool(_))
                        | (PyType::Float, PyValue::Float(_))
                        | (PyType::Bool, PyValue::Bool(_))
                        | (PyType::List, PyValue::List(_))
                )
            })
    };
    let literal = literal.filter(|literal| is_valid(literal));
    literal.map_or_else(|| PyValue::Str(text.into_owned()), Cow::into_owned)
}

/// What the CDK holds for true: anything but `None`, zeros, and what is empty or writes something empty or false.
fn is_condition(value: &PyValue) -> bool {
    match value {
        PyValue::Str(text) => !matches!(text.as_str(), "False" | "false" | "{}" | "[]" | "()" | "" | "0" | "0.0"),
        PyValue::Bytes(_) => true,
        other => other.is_truthy(),
    }
}

/// A template as an error shows it.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
