//! Error handlers of a manifest: filters in order, handlers in turn, and the CDK's defaults behind them.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value};

use airbyte_manifest::model::ResponseAction;

use super::scope::headers;
use crate::error::ErrorKind;
use crate::jinja::{self, Scope, Template};
use crate::plan::{Answer, ErrorHandler, Verdict};
use crate::python::is_truthy;

/// The error handler of a requester.
pub(super) struct ManifestErrorHandler {
    pub(super) root: Handler,
}

/// One handler.
pub(super) enum Handler {
    Filters(Vec<Filter>),
    /// Each is asked until one knows what to do; of those that only fail, the last one decides.
    Composite(Vec<Handler>),
    Custom(Arc<dyn ErrorHandler>),
}

/// An `HttpResponseFilter`.
pub(super) struct Filter {
    pub(super) action: ResponseAction,
    pub(super) failure: Option<ErrorKind>,
    pub(super) message: Option<Template>,
    pub(super) contains: Option<String>,
    pub(super) codes: Vec<i64>,
    pub(super) predicate: Option<Template>,
}

/// What a handler makes of an answer.
struct Resolution {
    action: ResponseAction,
    kind: ErrorKind,
    message: Option<String>,
}

/// An answer that is parsed when a filter asks for it.
struct Parsed<'a> {
    answer: &'a Answer<'a>,
    json: OnceCell<Option<Value>>,
    message: OnceCell<String>,
}

impl ErrorHandler for ManifestErrorHandler {
    fn decide(&self, answer: &Answer<'_>) -> Option<Verdict> {
        let parsed = Parsed { answer, json: OnceCell::new(), message: OnceCell::new() };
        let Resolution { action, kind, message } = self.root.resolve(&parsed);
        let is_page = answer.status.as_u16() < 400;
        Some(match action {
            ResponseAction::Success | ResponseAction::Ignore if is_page => Verdict::Success,
            // An answer that is none of the API's records ends the pages, whatever it is called.
            ResponseAction::Success | ResponseAction::Ignore => Verdict::Ignore,
            ResponseAction::Fail => Verdict::Fail { kind, message },
            ResponseAction::RateLimited => Verdict::RateLimited,
            ResponseAction::RefreshTokenThenRetry => Verdict::RefreshThenRetry,
            ResponseAction::ResetPagination => Verdict::ResetPagination,
            ResponseAction::Retry => Verdict::RetryAs { kind, message },
            ResponseAction::ReducePageSize => Verdict::ReducePageSize { message },
            ResponseAction::SplitRequestWindow => Verdict::SplitRequestWindow { message },
        })
    }

    fn reads_success(&self) -> bool {
        self.root.reads_success()
    }

    fn reads_bodies(&self) -> bool {
        self.root.reads_bodies()
    }
}

impl Handler {
    fn resolve(&self, answer: &Parsed<'_>) -> Resolution {
        match self {
            Self::Filters(filters) => filters
                .iter()
                .find(|filter| filter.matches(answer))
                .map_or_else(|| default_resolution(answer.answer.status), |filter| filter.resolution(answer)),
            Self::Composite(handlers) => {
                let mut last = default_resolution(answer.answer.status);
                for handler in handlers {
                    last = handler.resolve(answer);
                    if matches!(
                        last.action,
                        ResponseAction::Success
                            | ResponseAction::Retry
                            | ResponseAction::Ignore
                            | ResponseAction::ResetPagination
                            | ResponseAction::ReducePageSize
                            | ResponseAction::SplitRequestWindow
                    ) {
                        break;
                    }
                }
                last
            }
            Self::Custom(custom) => match custom.decide(answer.answer) {
                Some(verdict) => Resolution::of(verdict, answer.answer.status),
                None => default_resolution(answer.answer.status),
            },
        }
    }

    fn reads_success(&self) -> bool {
        match self {
            Self::Filters(filters) => filters.iter().any(|filter| {
                filter.predicate.is_some() || filter.contains.is_some() || filter.codes.iter().any(|code| *code < 400)
            }),
            Self::Composite(handlers) => handlers.iter().any(Self::reads_success),
            Self::Custom(custom) => custom.reads_success(),
        }
    }

    fn reads_bodies(&self) -> bool {
        match self {
            Self::Filters(filters) => filters.iter().any(Filter::reads_bodies),
            Self::Composite(handlers) => handlers.iter().any(Self::reads_bodies),
            Self::Custom(custom) => custom.reads_bodies(),
        }
    }
}

impl Resolution {
    fn of(verdict: Verdict, status: StatusCode) -> Self {
        let (_, kind) = default_for(status);
        let with = |action| Self { action, kind, message: None };
        match verdict {
            Verdict::Success => with(ResponseAction::Success),
            Verdict::Ignore => with(ResponseAction::Ignore),
            Verdict::Retry => with(ResponseAction::Retry),
            Verdict::RateLimited => with(ResponseAction::RateLimited),
            Verdict::RefreshThenRetry => with(ResponseAction::RefreshTokenThenRetry),
            Verdict::ResetPagination => with(ResponseAction::ResetPagination),
            Verdict::ReducePageSize { message } => Self { message, ..with(ResponseAction::ReducePageSize) },
            Verdict::SplitRequestWindow { message } => Self { message, ..with(ResponseAction::SplitRequestWindow) },
            Verdict::RetryAs { kind, message } => Self { action: ResponseAction::Retry, kind, message },
            Verdict::Fail { kind, message } => Self { action: ResponseAction::Fail, kind, message },
        }
    }
}

impl Filter {
    /// Whether it decides by the body, or speaks of it.
    fn reads_bodies(&self) -> bool {
        let templates = [&self.predicate, &self.message];
        self.contains.is_some() || templates.into_iter().flatten().any(|template| template.mentions("response"))
    }

    fn matches(&self, answer: &Parsed<'_>) -> bool {
        self.codes.contains(&i64::from(answer.answer.status.as_u16()))
            || self.predicate.as_ref().is_some_and(|predicate| holds(predicate, answer))
            || self.contains.as_ref().is_some_and(|text| answer.message().contains(text.as_str()))
    }

    fn resolution(&self, answer: &Parsed<'_>) -> Resolution {
        let (_, default) = default_for(answer.answer.status);
        let kind = match (self.action, self.failure) {
            (ResponseAction::Fail, Some(kind)) => kind,
            _ => default,
        };
        let message = self.message.as_ref().and_then(|template| {
            let scope = answer.scope(template);
            match template.eval(&scope) {
                Ok(text) => Some(text.to_text()).filter(|text| !text.is_empty()),
                Err(error) => {
                    tracing::warn!("the `error_message` of a response filter has no value: {}", error.message());
                    None
                }
            }
        });
        Resolution { action: self.action, kind, message }
    }
}

fn holds(predicate: &Template, answer: &Parsed<'_>) -> bool {
    predicate.condition(&answer.scope(predicate)).unwrap_or_else(|error| {
        tracing::warn!("the `predicate` of a response filter has no value: {}", error.message());
        false
    })
}

impl Parsed<'_> {
    fn json(&self) -> Option<&Value> {
        self.json.get_or_init(|| serde_json::from_slice(self.answer.body).ok()).as_ref()
    }

    fn scope(&self, template: &Template) -> Scope {
        let mut scope = Scope::new().with("headers", headers(self.answer.headers));
        if template.mentions("response") {
            let empty = Value::Object(Map::new());
            scope = scope.with("response", jinja::json(self.json().unwrap_or(&empty)));
        }
        scope
    }

    /// The sentence in the body that says what is wrong.
    fn message(&self) -> &str {
        self.message.get_or_init(|| match self.json() {
            Some(json) => message_in(json).unwrap_or_default(),
            None => String::from_utf8_lossy(self.answer.body).into_owned(),
        })
    }
}

/// The keys under which APIs say what is wrong, in the order of the Python CDK.
const MESSAGE_KEYS: [&str; 12] = [
    "message",
    "messages",
    "error",
    "errors",
    "failures",
    "failure",
    "detail",
    "err",
    "error_message",
    "msg",
    "reason",
    "status_message",
];

fn message_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let messages: Vec<String> = items.iter().filter_map(message_in).collect();
            Some(messages.join(", "))
        }
        Value::Object(object) => {
            MESSAGE_KEYS.iter().find_map(|key| object.get(*key).filter(|value| is_truthy(value))).and_then(message_in)
        }
        _ => None,
    }
}

/// What an answer means where no filter has an opinion.
fn default_resolution(status: StatusCode) -> Resolution {
    let (action, kind) = default_for(status);
    let message = match status.as_u16() {
        429 => Some(Cow::Borrowed("the API limits the rate of requests")),
        _ => None,
    };
    Resolution { action, kind, message: message.map(Cow::into_owned) }
}

fn default_for(status: StatusCode) -> (ResponseAction, ErrorKind) {
    match status.as_u16() {
        ..400 => (ResponseAction::Success, ErrorKind::System),
        400 | 404 | 405 => (ResponseAction::Fail, ErrorKind::System),
        401 | 403 => (ResponseAction::Fail, ErrorKind::Config),
        408 | 500 | 502..=504 => (ResponseAction::Retry, ErrorKind::Transient),
        429 => (ResponseAction::RateLimited, ErrorKind::Transient),
        _ => (ResponseAction::Retry, ErrorKind::System),
    }
}
