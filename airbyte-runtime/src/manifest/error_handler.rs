//! Error handlers of a manifest: filters in order, handlers in turn, and the CDK's defaults behind them.

use std::cell::OnceCell;
use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value};

use airbyte_manifest::model::ResponseAction;

use super::scope::headers;
use crate::error::ErrorKind;
use crate::http::without_query;
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
            ResponseAction::RateLimited => Verdict::RateLimitedAs { kind, message },
            ResponseAction::RefreshTokenThenRetry => Verdict::RefreshThenRetryAs { kind, message },
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
                .map_or_else(|| default_resolution(answer.answer), |filter| filter.resolution(answer)),
            Self::Composite(handlers) => {
                let mut last = None;
                for handler in handlers {
                    let resolution = last.insert(handler.resolve(answer));
                    if matches!(
                        resolution.action,
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
                last.unwrap_or_else(|| default_resolution(answer.answer))
            }
            Self::Custom(custom) => match custom.decide(answer.answer) {
                Some(verdict) => Resolution::of(verdict, answer.answer.status),
                None => default_resolution(answer.answer),
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
        let kind = default_kind(status);
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
            Verdict::RateLimitedAs { kind, message } => Self { action: ResponseAction::RateLimited, kind, message },
            Verdict::RefreshThenRetryAs { kind, message } => {
                Self { action: ResponseAction::RefreshTokenThenRetry, kind, message }
            }
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
        let default = default_for(answer.answer.status);
        let kind = match (self.action, self.failure) {
            (ResponseAction::Fail, Some(kind)) => kind,
            _ => default.map_or(ErrorKind::System, |default| default.kind),
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
        let message = message.or_else(|| match default {
            Some(default) => Some(default.message()),
            None => failed(self.action, kind, answer),
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
        if template.mentions("request_url") {
            scope = scope.with("request_url", minijinja::Value::from(without_query(self.answer.url)));
        }
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

/// The sentence for an answer of which neither the filter nor the table has one.
fn failed(action: ResponseAction, kind: ErrorKind, answer: &Parsed<'_>) -> Option<String> {
    let Answer { method, url, status, .. } = answer.answer;
    let (url, status) = (without_query(url), status.as_u16());
    let action = match action {
        ResponseAction::Fail => {
            let said = Some(answer.message()).filter(|said| !said.is_empty()).unwrap_or("None");
            return Some(format!(
                "'{method}' request to '{url}' failed with status code '{status}' and error message: '{said}'."
            ));
        }
        ResponseAction::Retry => "RETRY",
        ResponseAction::RateLimited => "RATE_LIMITED",
        ResponseAction::RefreshTokenThenRetry => "REFRESH_TOKEN_THEN_RETRY",
        _ => return None,
    };
    let kind = kind.failure_type();
    Some(format!(
        "Request to {url} failed with failure type FailureType.{kind}, response action ResponseAction.{action}."
    ))
}

/// What an answer means where no filter has an opinion.
fn default_resolution(answer: &Answer<'_>) -> Resolution {
    let kind = default_kind(answer.status);
    match default_for(answer.status) {
        Some(default) => Resolution { action: default.action, kind, message: Some(default.message()) },
        None if answer.status.as_u16() < 400 => Resolution { action: ResponseAction::Success, kind, message: None },
        None => Resolution { action: ResponseAction::Retry, kind, message: Some(not_ok(answer)) },
    }
}

/// What is said about an error that no table knows. The body stands there as a whole: whoever shows it masks its
/// secrets before it is cut.
fn not_ok(answer: &Answer<'_>) -> String {
    let Answer { status, url, body, .. } = answer;
    let whose = match status.as_u16() {
        400..=499 => "Client",
        500..=599 => "Server",
        other => return format!("Unexpected response with HTTP status {other}"),
    };
    let reason = answer.reason.or(status.canonical_reason()).unwrap_or_default();
    let url = without_query(url);
    let body = String::from_utf8_lossy(body);
    let status = status.as_u16();
    format!("Response was not ok: `{status} {whose} Error: {reason} for url: {url}`. Response content is: {body}")
}

/// What an answer of a status means, unless a filter says otherwise.
struct KnownStatus {
    status: u16,
    action: ResponseAction,
    kind: ErrorKind,
    sentence: &'static str,
}

/// What the Python CDK makes of the statuses that it knows; users find these sentences in Airbyte's documentation.
const DEFAULTS: [KnownStatus; 11] = {
    use ErrorKind::{Config, System, Transient};
    use ResponseAction::{Fail, RateLimited, Retry};
    const fn of(status: u16, action: ResponseAction, kind: ErrorKind, sentence: &'static str) -> KnownStatus {
        KnownStatus { status, action, kind, sentence }
    }
    [
        of(400, Fail, System, "Bad request. Please check your request parameters."),
        of(401, Fail, Config, "Unauthorized. Please ensure you are authenticated correctly."),
        of(403, Fail, Config, "Forbidden. You don't have permission to access this resource."),
        of(404, Fail, System, "Not found. The requested resource was not found on the server."),
        of(405, Fail, System, "Method not allowed. Please check your request method."),
        of(408, Retry, Transient, "Request timeout."),
        of(429, RateLimited, Transient, "Too many requests."),
        of(500, Retry, Transient, "Internal server error."),
        of(502, Retry, Transient, "Bad gateway."),
        of(503, Retry, Transient, "Service unavailable."),
        of(504, Retry, Transient, "Gateway timeout."),
    ]
};

impl KnownStatus {
    fn message(&self) -> String {
        format!("HTTP Status Code: {}. Error: {}", self.status, self.sentence)
    }
}

fn default_for(status: StatusCode) -> Option<&'static KnownStatus> {
    DEFAULTS.iter().find(|default| default.status == status.as_u16())
}

fn default_kind(status: StatusCode) -> ErrorKind {
    default_for(status).map_or(ErrorKind::System, |default| default.kind)
}
