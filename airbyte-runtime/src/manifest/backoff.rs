//! Backoff strategies of a manifest. As in the Python CDK, a wait that a strategy names is one second longer, so that
//! an API whose clock is a little behind is not asked too soon.

use std::time::Duration;

use http::HeaderMap;
use regex_lite::Regex;
use serde_json::Value;

use super::scope::headers;
use crate::jinja::{self, Scope, Template};
use crate::plan::{Backoff, FailedTry, Wait};
use crate::python::PyValue;
use crate::time::clock;

/// What is added to the wait that a strategy names.
const MARGIN: Duration = Duration::from_secs(1);

/// Always the same, spread by up to twice `jitter`.
pub(super) struct Constant {
    pub(super) seconds: f64,
    pub(super) jitter: f64,
}

impl Backoff for Constant {
    fn wait(&self, _failed: &FailedTry<'_>) -> Option<Wait> {
        wait_for(self.seconds + 2.0 * self.jitter * crate::plan::backoff::jitter())
    }
}

/// `factor` times two to the power of the try's number.
pub(super) struct Exponential {
    pub(super) factor: f64,
    pub(super) jitter: f64,
}

impl Backoff for Exponential {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        let power = 2f64.powi(i32::try_from(failed.attempt).unwrap_or(i32::MAX).min(64));
        wait_for(self.factor * power + self.jitter * crate::plan::backoff::jitter())
    }
}

/// 1, 2, 4, 8, … seconds: what the Python CDK waits where no strategy says anything.
pub(super) struct Doubling;

impl Backoff for Doubling {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        let doublings = failed.attempt.saturating_sub(1).min(10);
        Some(Wait::For(Duration::from_secs(1 << doublings)))
    }
}

/// As long as a header says.
pub(super) struct TimeFromHeader {
    pub(super) header: String,
    pub(super) regex: Option<Regex>,
    pub(super) max: Option<f64>,
}

impl Backoff for TimeFromHeader {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        bounded(number(failed.headers?, &self.header, self.regex.as_ref())?, self.max)
    }

    fn is_told(&self) -> bool {
        true
    }
}

/// As long as the answer says.
pub(super) struct TimeFromResponse {
    pub(super) seconds: Template,
    pub(super) max: Option<f64>,
}

impl Backoff for TimeFromResponse {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        let body = serde_json::from_slice(failed.body?).unwrap_or_else(|_| Value::Object(serde_json::Map::new()));
        let mut scope = Scope::new().with("response", jinja::json(&body));
        if let Some(found) = failed.headers {
            scope = scope.with("headers", headers(found));
        }
        let seconds = match self.seconds.eval(&scope) {
            Ok(PyValue::Int(seconds)) => seconds as f64,
            Ok(PyValue::Float(seconds)) => seconds,
            Ok(other) => other.to_text().trim().parse().ok()?,
            Err(_) => return None,
        };
        bounded(seconds, self.max)
    }

    fn is_told(&self) -> bool {
        true
    }
}

/// Until the instant that a header names, in seconds since 1970.
pub(super) struct UntilTimeFromHeader {
    pub(super) header: String,
    pub(super) regex: Option<Regex>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

impl Backoff for UntilTimeFromHeader {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        let until = failed.headers.and_then(|headers| number(headers, &self.header, self.regex.as_ref()));
        let Some(until) = until else { return self.min.and_then(wait_for) };
        let wait = match (until - clock::since_epoch().as_secs_f64(), self.min) {
            (wait, Some(min)) => wait.max(min),
            (wait, None) if wait < 0.0 => return None,
            (wait, None) => wait,
        };
        bounded(wait, self.max)
    }

    fn is_told(&self) -> bool {
        true
    }
}

/// The number in a header: all of it, or what the regular expression matches at its beginning.
fn number(headers: &HeaderMap, name: &str, regex: Option<&Regex>) -> Option<f64> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    let text = match regex {
        Some(regex) => regex.find(text).filter(|found| found.start() == 0)?.as_str(),
        None => text,
    };
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn bounded(seconds: f64, max: Option<f64>) -> Option<Wait> {
    match max {
        Some(max) if seconds >= max => {
            Some(Wait::TooLong(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)))
        }
        _ => wait_for(seconds),
    }
}

/// A wait of so many seconds; none if there is nothing to wait for, so that the next strategy is asked.
fn wait_for(seconds: f64) -> Option<Wait> {
    (seconds > 0.0)
        .then(|| Wait::For(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX).saturating_add(MARGIN)))
}
