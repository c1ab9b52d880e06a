//! What every part of a lowering needs: the configuration, the templates' environment, the client, the classes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;

use airbyte_manifest::Position;
use airbyte_manifest::model::{InjectInto, IntOrText, NumberOrText, RequestOption, Text};

use super::registry::{Registry, is_left_out};
use crate::config::Redactor;
use crate::error::{Error, ErrorKind, Result};
use crate::http::HttpClient;
use crate::jinja::{Environment, Parameters, Scope, Template};
use crate::output::Output;
use crate::plan::auth::oauth::ConfigStore;
use crate::plan::auth::quota::RotatingTokens;
use crate::plan::budget::Budget;
use crate::plan::dpath::Dpath;
use crate::plan::properties::LoadProperties;
use crate::plan::request::Inject;
use crate::python::PyValue;
use crate::time::{Duration, Moment};

/// A configuration on its way into a plan.
pub(super) struct Lowering<'a> {
    /// The manifest's name in messages.
    pub(super) file: &'a str,
    pub(super) environment: Arc<Environment>,
    pub(super) config: &'a Value,
    pub(super) client: HttpClient,
    pub(super) output: Output,
    pub(super) redactor: Redactor,
    pub(super) registry: &'a Registry,
    /// Hosts besides a stream's own that may see its credentials, in lower case.
    pub(super) allowed_hosts: Vec<String>,
    /// Where the files are that the manifest names.
    pub(super) directory: Option<&'a Path>,
    pub(super) now: Moment,
    /// What is wrong with the stream that is being lowered, if it can still be listed: it fails when it is read.
    pub(super) deferred: RefCell<Option<Error>>,
    /// Where properties are asked for, by what was written: streams that ask the same ask once.
    pub(super) endpoints: RefCell<HashMap<u64, Arc<dyn LoadProperties>>>,
    /// The tokens that replace those of the configuration, and the turn in which they are fetched.
    pub(super) store: Arc<ConfigStore>,
    /// The tokens that take turns, by their definitions, so that streams with the same one share its counts.
    pub(super) rotating: RefCell<Vec<(Value, Arc<RotatingTokens>)>>,
    /// The bound on jobs of all streams, and how many that are.
    pub(super) jobs: (Arc<Semaphore>, usize),
    /// The group of each stream that has one, by the stream's name.
    pub(super) groups: HashMap<String, String>,
    /// How often the API may be asked, by all streams together.
    pub(super) budget: Option<Arc<Budget>>,
}

impl Lowering<'_> {
    /// Compiles a template. One that Jinja cannot parse fails when it is evaluated.
    pub(super) fn template(&self, text: &Text, parameters: &Parameters) -> Template {
        self.compile(&text.text, parameters)
    }

    /// The same for a text that the language fills in.
    pub(super) fn compile(&self, text: &str, parameters: &Parameters) -> Template {
        Template::lazy(&self.environment, text, parameters)
    }

    /// Compiles a template that may be absent.
    pub(super) fn optional(&self, text: Option<&Text>, parameters: &Parameters) -> Option<Template> {
        text.map(|text| self.template(text, parameters))
    }

    /// The value of a template that sees the configuration only.
    ///
    /// # Errors
    /// A template that names anything else.
    pub(super) fn value(&self, text: &Text, parameters: &Parameters) -> Result<PyValue> {
        self.template(text, parameters).eval(&Scope::new())
    }

    /// The same as text.
    pub(super) fn text(&self, text: &Text, parameters: &Parameters) -> Result<String> {
        self.value(text, parameters).map(|value| value.to_text())
    }

    /// The texts of a list of templates that see the configuration only.
    pub(super) fn texts(&self, texts: &[Text], parameters: &Parameters) -> Result<Vec<String>> {
        texts.iter().map(|text| self.text(text, parameters)).collect()
    }

    /// A path of templates that see the configuration only.
    pub(super) fn dpath(&self, texts: &[Text], parameters: &Parameters) -> Result<Dpath> {
        let segments: Vec<PyValue> = texts.iter().map(|text| self.value(text, parameters)).collect::<Result<_>>()?;
        Ok(Dpath::new(segments))
    }

    /// A whole number that the configuration may hold.
    ///
    /// # Errors
    /// A template that gives anything else.
    pub(super) fn int(&self, number: &IntOrText, parameters: &Parameters, what: &str) -> Result<i64> {
        match number {
            IntOrText::Int(number, _) => Ok(*number),
            IntOrText::Text(text) => match self.value(text, parameters)? {
                PyValue::Int(number) => i64::try_from(number).ok(),
                PyValue::Str(text) => text.trim().parse().ok(),
                _ => None,
            }
            .ok_or_else(|| Error::system(format!("{what} `{}` does not give a whole number", text.text))),
        }
    }

    /// A number that the configuration may hold.
    ///
    /// # Errors
    /// A template that gives anything else.
    pub(super) fn number(&self, number: &NumberOrText, parameters: &Parameters, what: &str) -> Result<f64> {
        match number {
            NumberOrText::Number(number, _) => Ok(*number),
            NumberOrText::Text(text) => match self.value(text, parameters)? {
                PyValue::Int(number) => Some(number as f64),
                PyValue::Float(number) => Some(number),
                PyValue::Str(text) => text.trim().parse().ok(),
                _ => None,
            }
            .ok_or_else(|| Error::system(format!("{what} `{}` does not give a number", text.text))),
        }
    }

    /// An ISO 8601 duration; `None` if the template gives nothing.
    ///
    /// # Errors
    /// A text that is no duration.
    pub(super) fn duration(&self, text: Option<&Text>, parameters: &Parameters) -> Result<Option<Duration>> {
        let Some(text) = text else { return Ok(None) };
        let value = match self.value(text, parameters)? {
            PyValue::None => return Ok(None),
            value => value.to_text(),
        };
        if value.is_empty() {
            return Ok(None);
        }
        let duration = Duration::parse(&value).map_err(|problem| {
            Error::system(format!("`{value}` is not an ISO 8601 duration such as `P1D` or `PT1H`: {problem}"))
        })?;
        Ok(Some(duration))
    }

    /// Where a value goes in a request.
    ///
    /// # Errors
    /// An option that names no place, or two.
    pub(super) fn inject(&self, option: &RequestOption, parameters: &Parameters) -> Result<Inject> {
        let place = match (&option.field_name, &option.field_path) {
            (Some(name), None) => vec![self.text(name, parameters)?],
            (None, Some(path)) if option.inject_into == InjectInto::BodyJson => self.texts(path, parameters)?,
            (None, Some(_)) => {
                return Err(Error::system("a `field_path` is for `body_json` only; write `field_name`"));
            }
            (None, None) => return Err(Error::system("a RequestOption needs `field_name` or `field_path`")),
            (Some(_), Some(_)) => {
                return Err(Error::system("a RequestOption has `field_name` and `field_path`; keep one of them"));
            }
        };
        let name = place.first().cloned().unwrap_or_default();
        Ok(match option.inject_into {
            InjectInto::RequestParameter => Inject::Param(name),
            InjectInto::Header => Inject::Header(name),
            InjectInto::BodyData => Inject::Form(name),
            InjectInto::BodyJson => Inject::Body(place),
        })
    }

    /// Lets a stream be listed that cannot be read: the first of several errors counts.
    pub(super) fn defer(&self, error: Error) {
        self.deferred.borrow_mut().get_or_insert(error);
    }

    /// Lowers a stream within another one, or after it, so that neither gets the errors that the other deferred.
    pub(super) fn apart<T>(&self, lower: impl FnOnce() -> Result<T>) -> Result<T> {
        let outer = self.deferred.take();
        let lowered = lower();
        self.deferred.replace(outer);
        lowered
    }

    /// Says where in the manifest something went wrong.
    pub(super) fn place(&self, error: Error, at: Position) -> Error {
        // What a stream lacks has a place of its own.
        if at.line == 0 || is_left_out(&error) {
            return error;
        }
        error.within(format!("{}:{}:{}", self.file, at.line, at.column))
    }

    /// Logs that a part of the language has no effect yet, where a stream can be read correctly without it.
    pub(super) fn without_effect(&self, what: &str, at: Position) {
        tracing::warn!("{}:{}:{}: {what}", self.file, at.line, at.column);
    }
}

/// The `failure_type` of a filter.
pub(super) fn kind(failure: airbyte_manifest::model::FailureType) -> ErrorKind {
    use airbyte_manifest::model::FailureType;
    match failure {
        FailureType::SystemError => ErrorKind::System,
        FailureType::ConfigError => ErrorKind::Config,
        FailureType::TransientError => ErrorKind::Transient,
    }
}
