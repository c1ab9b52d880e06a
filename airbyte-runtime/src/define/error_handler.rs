//! `error_handler = [matcher => action, …]`: what an answer means, beyond the defaults.
//!
//! | matcher | holds for |
//! |---|---|
//! | [`status(404)`](status), [`statuses([403, 404])`](statuses) | these status codes |
//! | [`header("X-Remaining", "0")`](header) | a header of this value, in an answer that is not 2xx |
//! | [`body("error.code", "quota")`](body) | a JSON body with this text at the dotted path, with any status |
//! | [`message("not found")`](message) | a body that contains this text, in an answer that is not 2xx |
//! | [`when(is_quota)`](when) | answers for which the function says so, with any status |
//! | [`all([status(400), message("quota")])`](all) | answers for which all of these hold |
//!
//! | action | effect |
//! |---|---|
//! | [`success`] | the records of the answer are read, whatever its status |
//! | [`ignore`] | the page counts as empty, the partition as read |
//! | [`retry`] | tried again after the backoff |
//! | [`retry(config_error = "…")`](Action::config_error), `retry(transient_error = "…")`, `retry(fail = "…")` | the same; if no try succeeds, the stream fails with this sentence |
//! | [`refresh_token_then_retry`] | tried again with new credentials |
//! | [`rate_limited`] | the same, shown to the user as a rate limit |
//! | [`reduce_page_size`] | the page is asked for again in a smaller size, see [`page_size_reduction`](super::page_size_reduction) |
//! | [`split_request_window`] | the cursor's window is read in halves, see [`request_window_splitting`](super::request_window_splitting) |
//! | [`reset_pagination`] | the pages begin anew, see [`pagination_reset`](super::pagination_reset) |
//! | [`fail("…")`](fail), [`config_error("…")`](config_error), [`transient_error("…")`](transient_error) | the stream fails with this sentence |
//!
//! The first rule that matches decides; with none, 2xx is success; 408, 425, 429, 500, 502 to 504 and 520 to 530 are retried; the rest fails.
//! A type of your own that implements [`ErrorHandler`] stands in the place of the list.

use std::sync::Arc;

use crate::error::ErrorKind;
use crate::json::JsonPath;
use crate::plan::{self, Answer, ErrorHandler};

/// What an attribute says of error handling; implemented by rule lists and by every [`ErrorHandler`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error handler",
    label = "not an error handler",
    note = "write rules, as in `error_handler = [status(404) => ignore]`",
    note = "a type of your own implements `airbyte_runtime::plan::ErrorHandler`"
)]
pub trait ErrorHandlerDef: Sync {
    /// The component that the engine runs.
    fn plan(&'static self) -> Arc<dyn ErrorHandler>;

    /// Whether one of its rules has this action; only rule lists know.
    fn has_action(&self, action: Action) -> bool {
        let _ = action;
        false
    }
}

#[diagnostic::do_not_recommend]
impl<H: ErrorHandler> ErrorHandlerDef for H {
    fn plan(&'static self) -> Arc<dyn ErrorHandler> {
        Arc::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl ErrorHandlerDef for super::Component<dyn ErrorHandlerDef> {
    fn plan(&'static self) -> Arc<dyn ErrorHandler> {
        self.0.plan()
    }
    fn has_action(&self, action: Action) -> bool {
        self.0.has_action(action)
    }
}

/// What `[matcher => action, …]` becomes.
#[derive(Clone, Copy, Debug)]
pub struct Rules(pub &'static [(Matcher, Action)]);

#[diagnostic::do_not_recommend]
impl ErrorHandlerDef for Rules {
    fn plan(&'static self) -> Arc<dyn ErrorHandler> {
        Arc::new(plan::error_handler::Rules::new(
            self.0.iter().map(|(matcher, action)| (matcher.plan(), action.plan())),
        ))
    }
    fn has_action(&self, action: Action) -> bool {
        self.0.iter().any(|(_, own)| *own == action)
    }
}

/// One rule: what an answer looks like, and what it means.
#[must_use]
pub const fn rule(matcher: Matcher, action: Action) -> (Matcher, Action) {
    (matcher, action)
}

/// The left side of a rule.
#[derive(Clone, Copy, Debug)]
pub enum Matcher {
    /// See [`status`].
    Status(u16),
    /// See [`statuses`].
    Statuses(&'static [u16]),
    /// See [`header`].
    Header(&'static str, &'static str),
    /// See [`body`].
    Body(&'static str, &'static str),
    /// See [`message`].
    Message(&'static str),
    /// See [`when`].
    When(fn(&Answer<'_>) -> bool),
    /// See [`all`].
    All(&'static [Matcher]),
}

impl Matcher {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }

    fn plan(&self) -> plan::error_handler::Matcher {
        use plan::error_handler::Matcher as Plan;
        match *self {
            Self::Status(code) => Plan::Status(vec![code]),
            Self::Statuses(codes) => Plan::Status(codes.to_vec()),
            Self::Header(name, value) => Plan::Header(name.to_owned(), value.to_owned()),
            Self::Body(path, value) => Plan::Body(JsonPath::parse(path), value.to_owned()),
            Self::Message(text) => Plan::Message(text.to_owned()),
            Self::When(predicate) => Plan::When(predicate),
            Self::All(matchers) => Plan::All(matchers.iter().map(Self::plan).collect()),
        }
    }
}

/// Holds for answers with this status code: `status(404)`.
#[must_use]
#[track_caller]
pub const fn status(code: u16) -> Matcher {
    require_status(code);
    Matcher::Status(code)
}

/// Holds for answers with one of these status codes: `statuses([403, 404])`.
#[must_use]
#[track_caller]
pub const fn statuses(codes: &'static [u16]) -> Matcher {
    require_statuses(codes);
    Matcher::Statuses(codes)
}

#[track_caller]
pub(super) const fn require_statuses(codes: &[u16]) {
    let mut at = 0;
    while at < codes.len() {
        require_status(codes[at]);
        at += 1;
    }
}

#[track_caller]
const fn require_status(code: u16) {
    assert!(
        code >= 100 && code <= 599,
        "this is not an HTTP status\nhelp: a status is a number from 100 to 599, e.g. `status(404)`"
    );
}

/// Holds for answers other than 2xx whose header `name` has exactly this value.
#[must_use]
#[track_caller]
pub const fn header(name: &'static str, value: &'static str) -> Matcher {
    super::inject::require_header_name(name);
    Matcher::Header(name, value)
}

/// Holds for JSON bodies whose value at the dotted path has exactly this text, with any status:
/// some APIs report errors with status 200. Every page is then looked into once more.
#[must_use]
pub const fn body(path: &'static str, value: &'static str) -> Matcher {
    Matcher::Body(path, value)
}

/// Holds for answers other than 2xx whose body contains this text.
#[must_use]
pub const fn message(text: &'static str) -> Matcher {
    Matcher::Message(text)
}

/// Holds for answers for which a function of yours says so, with any status: `when(is_quota)`, where `is_quota` takes
/// an [`Answer`]. Every page is then kept until the function has seen it.
#[must_use]
pub const fn when(predicate: fn(&Answer<'_>) -> bool) -> Matcher {
    Matcher::When(predicate)
}

/// Holds if all of these hold: `all([status(400), message("quota")])`.
#[must_use]
#[track_caller]
pub const fn all(matchers: &'static [Matcher]) -> Matcher {
    assert!(
        !matchers.is_empty(),
        "`all` without matchers holds for every answer\nhelp: name what has to hold, as in `all([status(400), message(\"quota\")])`"
    );
    Matcher::All(matchers)
}

/// The right side of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See [`success`].
    Success,
    /// See [`ignore`].
    Ignore,
    /// See [`retry`].
    Retry,
    /// See [`Action::config_error`] and its like.
    RetryAs(ErrorKind, &'static str),
    /// See [`refresh_token_then_retry`].
    RefreshTokenThenRetry,
    /// See [`rate_limited`].
    RateLimited,
    /// See [`reduce_page_size`].
    ReducePageSize,
    /// See [`split_request_window`].
    SplitRequestWindow,
    /// See [`reset_pagination`].
    ResetPagination,
    /// See [`fail`].
    Fail(ErrorKind, &'static str),
}

impl Action {
    /// What the stream fails with if no try succeeds, as something that the user has to change:
    /// `retry(config_error = "…")`.
    #[must_use]
    #[track_caller]
    pub const fn config_error(self, sentence: &'static str) -> Self {
        self.failing_with(ErrorKind::Config, sentence)
    }

    /// The same, as something that may pass by itself: `retry(transient_error = "…")`.
    #[must_use]
    #[track_caller]
    pub const fn transient_error(self, sentence: &'static str) -> Self {
        self.failing_with(ErrorKind::Transient, sentence)
    }

    /// The same, as a defect of the connector or the API: `retry(fail = "…")`.
    #[must_use]
    #[track_caller]
    pub const fn fail(self, sentence: &'static str) -> Self {
        self.failing_with(ErrorKind::System, sentence)
    }

    #[track_caller]
    const fn failing_with(self, kind: ErrorKind, sentence: &'static str) -> Self {
        match self {
            Self::Retry => Self::RetryAs(kind, sentence),
            Self::RetryAs(..) => panic!("`retry` has two sentences for its failure\nhelp: keep one of them"),
            _ => panic!(
                "only `retry` has a sentence for the end of its tries\nhelp: write `retry(transient_error = \"…\")`, or the sentence alone, as in `transient_error(\"…\")`"
            ),
        }
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }

    fn plan(&self) -> plan::error_handler::Verdict {
        use plan::error_handler::Verdict;
        match *self {
            Self::Success => Verdict::Success,
            Self::Ignore => Verdict::Ignore,
            Self::Retry => Verdict::Retry,
            Self::RetryAs(kind, sentence) => Verdict::RetryAs { kind, message: Some(sentence.to_owned()) },
            Self::RefreshTokenThenRetry => Verdict::RefreshThenRetry,
            Self::RateLimited => Verdict::RateLimited,
            Self::ReducePageSize => Verdict::ReducePageSize { message: None },
            Self::SplitRequestWindow => Verdict::SplitRequestWindow { message: None },
            Self::ResetPagination => Verdict::ResetPagination,
            Self::Fail(kind, sentence) => Verdict::Fail { kind, message: Some(sentence.to_owned()) },
        }
    }
}

/// The records of the answer are read, whatever its status.
#[must_use]
pub const fn success() -> Action {
    Action::Success
}

/// New credentials are asked for, then the request is tried again.
#[must_use]
pub const fn refresh_token_then_retry() -> Action {
    Action::RefreshTokenThenRetry
}

/// The page counts as empty and ends its partition, which counts as read.
#[must_use]
pub const fn ignore() -> Action {
    Action::Ignore
}

/// The request is tried again after the backoff.
#[must_use]
pub const fn retry() -> Action {
    Action::Retry
}

/// The request is tried again after the backoff, and the user sees that the API limits its rate.
#[must_use]
pub const fn rate_limited() -> Action {
    Action::RateLimited
}

/// The page is asked for again with fewer records, as `page_size_reduction` says, or else with half of them each time.
/// The paginator has to say how large a page is: `offset_increment`, `cursor_token` or `relay` with a `page_size` and a
/// place for it.
#[must_use]
pub const fn reduce_page_size() -> Action {
    Action::ReducePageSize
}

/// The window of the `datetime` cursor is read again in two halves, as `request_window_splitting` says.
/// Records of the window that came before are written once more.
#[must_use]
pub const fn split_request_window() -> Action {
    Action::SplitRequestWindow
}

/// The pages of the partition begin anew, as `pagination_reset` says, or else with the first one, once.
/// Records that came before are written once more.
#[must_use]
pub const fn reset_pagination() -> Action {
    Action::ResetPagination
}

/// The stream fails with this sentence, as a defect of the connector or the API.
#[must_use]
pub const fn fail(sentence: &'static str) -> Action {
    Action::Fail(ErrorKind::System, sentence)
}

/// The stream fails with this sentence, as something that the user has to change.
#[must_use]
pub const fn config_error(sentence: &'static str) -> Action {
    Action::Fail(ErrorKind::Config, sentence)
}

/// The stream fails with this sentence, as something that may pass by itself.
#[must_use]
pub const fn transient_error(sentence: &'static str) -> Action {
    Action::Fail(ErrorKind::Transient, sentence)
}
