//! `backoff = …`: how long to wait before a request is tried again.
//!
//! | form | waits |
//! |---|---|
//! | [`exponential(…)`](exponential) | twice as long each time, with jitter |
//! | [`constant("PT5S")`](constant) | always the same |
//! | [`wait_from_header("Retry-After")`](wait_from_header) | as many seconds as the header says |
//! | [`wait_until_header("X-RateLimit-Reset")`](wait_until_header) | until the instant in the header |
//! | [`wait_from_body("error.retry_after")`](wait_from_body) | as many seconds as the body says |
//!
//! A list `backoff = [a, b]` asks each in turn; the first that has an answer decides.
//! Without `backoff`, the standard `Retry-After` is obeyed, then the wait grows exponentially from one second.
//! A type of your own that implements [`Backoff`] stands here as well.

use std::sync::Arc;

use regex_lite::Regex;

use super::inject::{length, require_duration};
use crate::error::{Error, Result};
use crate::json::JsonPath;
use crate::plan::{self, Backoff};
use crate::rules::pattern::require_pattern;
use crate::time::Duration;

/// What an attribute says of backoff; implemented by the built-in forms and by every [`Backoff`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a backoff strategy",
    label = "not a backoff strategy",
    note = "built-in: `exponential`, `constant`, `wait_from_header`, `wait_until_header`, `wait_from_body`",
    note = "a type of your own implements `airbyte_runtime::plan::Backoff`"
)]
pub trait BackoffDef: Sync {
    /// The component that the engine runs.
    ///
    /// # Errors
    /// A regular expression that is none.
    fn plan(&'static self) -> Result<Arc<dyn Backoff>>;
}

#[diagnostic::do_not_recommend]
impl<B: Backoff> BackoffDef for B {
    fn plan(&'static self) -> Result<Arc<dyn Backoff>> {
        Ok(Arc::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl BackoffDef for super::Component<dyn BackoffDef> {
    fn plan(&'static self) -> Result<Arc<dyn Backoff>> {
        self.0.plan()
    }
}

/// Twice as long each time, with jitter: `exponential(base = "PT1S", max = "PT5M")`.
#[must_use]
pub const fn exponential() -> Exponential {
    Exponential { base: Duration::from_seconds(1), max: Duration::from_seconds(300), jitter: None }
}

/// See [`exponential`].
#[derive(Clone, Copy, Debug)]
pub struct Exponential {
    base: Duration,
    max: Duration,
    jitter: Option<Duration>,
}

impl Exponential {
    /// The first wait: one second if it is not set.
    #[must_use]
    #[track_caller]
    pub const fn base(mut self, duration: &'static str) -> Self {
        self.base = require_duration("`base`", duration);
        self
    }

    /// The most that is added by chance, so that clients do not return together: a quarter of the wait if it is not set.
    #[must_use]
    #[track_caller]
    pub const fn jitter(mut self, duration: &'static str) -> Self {
        self.jitter = Some(require_duration("`jitter`", duration));
        self
    }

    /// The longest wait: five minutes if it is not set.
    #[must_use]
    #[track_caller]
    pub const fn max(mut self, duration: &'static str) -> Self {
        self.max = require_duration("`max`", duration);
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.base.approximate_nanos() <= self.max.approximate_nanos(),
            "the first wait, `base`, is longer than the longest, `max`\nhelp: swap them"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl BackoffDef for Exponential {
    fn plan(&'static self) -> Result<Arc<dyn Backoff>> {
        Ok(Arc::new(plan::backoff::Exponential {
            base: length(self.base),
            max: length(self.max),
            jitter: self.jitter.map(length),
        }))
    }
}

/// Always the same wait, an ISO 8601 duration: `constant("PT5S")`.
#[must_use]
#[track_caller]
pub const fn constant(duration: &'static str) -> Constant {
    Constant { wait: require_duration("the wait", duration), jitter: Duration::from_seconds(0) }
}

/// See [`constant`].
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    wait: Duration,
    jitter: Duration,
}

impl Constant {
    /// The most that is added by chance; nothing if it is not set.
    #[must_use]
    #[track_caller]
    pub const fn jitter(mut self, duration: &'static str) -> Self {
        self.jitter = require_duration("`jitter`", duration);
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl BackoffDef for Constant {
    fn plan(&'static self) -> Result<Arc<dyn Backoff>> {
        Ok(Arc::new(plan::backoff::Constant { wait: length(self.wait), jitter: length(self.jitter) }))
    }
}

/// As many seconds as the header says (or until its HTTP date): `wait_from_header("Retry-After", max = "PT10M")`.
#[must_use]
#[track_caller]
pub const fn wait_from_header(name: &'static str) -> WaitFromHeader {
    super::inject::require_header_name(name);
    WaitFromHeader { name, until: false, regex: None, min: None, max: None }
}

/// Until the instant in the header, in epoch seconds: `wait_until_header("X-RateLimit-Reset", max = "PT1H")`.
/// It speaks only when the API limits the rate: other failures need not wait for the end of a window.
#[must_use]
#[track_caller]
pub const fn wait_until_header(name: &'static str) -> WaitFromHeader {
    super::inject::require_header_name(name);
    WaitFromHeader { name, until: true, regex: None, min: None, max: None }
}

/// See [`wait_from_header`] and [`wait_until_header`].
#[derive(Clone, Copy, Debug)]
pub struct WaitFromHeader {
    name: &'static str,
    until: bool,
    regex: Option<&'static str>,
    min: Option<Duration>,
    max: Option<Duration>,
}

impl WaitFromHeader {
    /// What finds the number in the header, such as `"reset=([0-9]+)"`: the first group, or else all that it matches.
    #[must_use]
    #[track_caller]
    pub const fn regex(mut self, pattern: &'static str) -> Self {
        require_pattern(pattern);
        self.regex = Some(pattern);
        self
    }

    /// The shortest wait, also where the header is missing.
    #[must_use]
    #[track_caller]
    pub const fn min(mut self, duration: &'static str) -> Self {
        self.min = Some(require_duration("`min`", duration));
        self
    }

    /// A longer wait is not waited out: the stream fails and the platform tries again later.
    #[must_use]
    #[track_caller]
    pub const fn max(mut self, duration: &'static str) -> Self {
        self.max = Some(require_duration("`max`", duration));
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        if let (Some(min), Some(max)) = (self.min, self.max) {
            assert!(
                min.approximate_nanos() <= max.approximate_nanos(),
                "the shortest wait, `min`, is longer than the longest, `max`\nhelp: swap them"
            );
        }
        self
    }
}

#[diagnostic::do_not_recommend]
impl BackoffDef for WaitFromHeader {
    fn plan(&'static self) -> Result<Arc<dyn Backoff>> {
        let regex = self.regex.map(|pattern| {
            Regex::new(pattern)
                .map_err(|error| Error::system(format!("`regex = \"{pattern}\"` of the backoff: {error}")))
        });
        Ok(Arc::new(plan::backoff::WaitFromHeader {
            name: self.name.to_owned(),
            until: self.until,
            regex: regex.transpose()?,
            min: self.min.map(length),
            max: self.max.map(length),
        }))
    }
}

/// As many seconds as the JSON body says at the dotted path: `wait_from_body("error.retry_after", max = "PT10M")`.
#[must_use]
#[track_caller]
pub const fn wait_from_body(path: &'static str) -> WaitFromBody {
    assert!(!path.is_empty(), "this path is empty\nhelp: write where the seconds stand, e.g. \"error.retry_after\"");
    WaitFromBody { path, max: None }
}

/// See [`wait_from_body`].
#[derive(Clone, Copy, Debug)]
pub struct WaitFromBody {
    path: &'static str,
    max: Option<Duration>,
}

impl WaitFromBody {
    /// A longer wait is not waited out: the stream fails and the platform tries again later.
    #[must_use]
    #[track_caller]
    pub const fn max(mut self, duration: &'static str) -> Self {
        self.max = Some(require_duration("`max`", duration));
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl BackoffDef for WaitFromBody {
    fn plan(&'static self) -> Result<Arc<dyn Backoff>> {
        let path = JsonPath::parse(self.path);
        Ok(Arc::new(plan::backoff::WaitFromBody { path, max: self.max.map(length) }))
    }
}
