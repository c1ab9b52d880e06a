//! `backoff = …`: how long to wait before a request is tried again.
//!
//! | form | waits |
//! |---|---|
//! | [`exponential(…)`](exponential) | twice as long each time, with jitter |
//! | [`constant("PT5S")`](constant) | always the same |
//! | [`wait_from_header("Retry-After")`](wait_from_header) | as many seconds as the header says |
//! | [`wait_until_header("X-RateLimit-Reset")`](wait_until_header) | until the instant in the header |
//!
//! A list `backoff = [a, b]` asks each in turn; the first that has an answer decides.
//! Without `backoff`, the standard `Retry-After` is obeyed, then the wait grows exponentially from one second.
//! A type of your own that implements [`Backoff`] stands here as well.

use std::sync::Arc;

use super::inject::{length, require_duration};
use crate::plan::{self, Backoff};
use crate::time::Duration;

/// What an attribute says of backoff; implemented by the built-in forms and by every [`Backoff`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a backoff strategy",
    label = "not a backoff strategy",
    note = "built-in: `exponential`, `constant`, `wait_from_header`, `wait_until_header`",
    note = "a type of your own implements `airbyte_runtime::plan::Backoff`"
)]
pub trait BackoffDef: Sync {
    /// The component that the engine runs.
    fn plan(&'static self) -> Arc<dyn Backoff>;
}

#[diagnostic::do_not_recommend]
impl<B: Backoff> BackoffDef for B {
    fn plan(&'static self) -> Arc<dyn Backoff> {
        Arc::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl BackoffDef for super::Component<dyn BackoffDef> {
    fn plan(&'static self) -> Arc<dyn Backoff> {
        self.0.plan()
    }
}

/// Twice as long each time, with jitter: `exponential(base = "PT1S", max = "PT5M")`.
#[must_use]
pub const fn exponential() -> Exponential {
    Exponential { base: Duration::from_seconds(1), max: Duration::from_seconds(300) }
}

/// See [`exponential`].
#[derive(Clone, Copy, Debug)]
pub struct Exponential {
    base: Duration,
    max: Duration,
}

impl Exponential {
    /// The first wait: one second if it is not set.
    #[must_use]
    #[track_caller]
    pub const fn base(mut self, duration: &'static str) -> Self {
        self.base = require_duration("`base`", duration);
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
    fn plan(&'static self) -> Arc<dyn Backoff> {
        Arc::new(plan::backoff::Exponential { base: length(self.base), max: length(self.max) })
    }
}

/// Always the same wait, an ISO 8601 duration: `constant("PT5S")`.
#[must_use]
#[track_caller]
pub const fn constant(duration: &'static str) -> Constant {
    Constant { wait: require_duration("the wait", duration) }
}

/// See [`constant`].
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    wait: Duration,
}

impl Constant {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl BackoffDef for Constant {
    fn plan(&'static self) -> Arc<dyn Backoff> {
        Arc::new(plan::backoff::Constant { wait: length(self.wait) })
    }
}

/// As many seconds as the header says (or until its HTTP date): `wait_from_header("Retry-After", max = "PT10M")`.
#[must_use]
#[track_caller]
pub const fn wait_from_header(name: &'static str) -> WaitFromHeader {
    super::inject::require_header_name(name);
    WaitFromHeader { name, until: false, max: None }
}

/// Until the instant in the header, in epoch seconds: `wait_until_header("X-RateLimit-Reset", max = "PT1H")`.
/// It speaks only when the API limits the rate: other failures need not wait for the end of a window.
#[must_use]
#[track_caller]
pub const fn wait_until_header(name: &'static str) -> WaitFromHeader {
    super::inject::require_header_name(name);
    WaitFromHeader { name, until: true, max: None }
}

/// See [`wait_from_header`] and [`wait_until_header`].
#[derive(Clone, Copy, Debug)]
pub struct WaitFromHeader {
    name: &'static str,
    until: bool,
    max: Option<Duration>,
}

impl WaitFromHeader {
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
impl BackoffDef for WaitFromHeader {
    fn plan(&'static self) -> Arc<dyn Backoff> {
        Arc::new(plan::backoff::WaitFromHeader {
            name: self.name.to_owned(),
            until: self.until,
            max: self.max.map(length),
        })
    }
}
