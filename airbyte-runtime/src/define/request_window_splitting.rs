//! `request_window_splitting = …`: how windows become shorter where an answer asks for it.
//!
//! The answer is named by a rule of the error handler: `error_handler = [status(400) => split_request_window]`.

use super::inject::require_duration;
use crate::plan::pages;
use crate::time::Duration;

/// A window that is refused is read in two halves, and so on: `halves(min_split_window = "PT1H")`.
#[must_use]
pub const fn halves() -> RequestWindowSplitting {
    RequestWindowSplitting { min_window: None, failure_message: None }
}

/// See [`halves`].
#[derive(Clone, Copy, Debug)]
pub struct RequestWindowSplitting {
    min_window: Option<Duration>,
    failure_message: Option<&'static str>,
}

impl RequestWindowSplitting {
    /// A window of this length, or a shorter one, is not split but fails; an ISO 8601 duration. Without it, windows are
    /// split down to the cursor's granularity.
    #[must_use]
    #[track_caller]
    pub const fn min_split_window(mut self, window: &'static str) -> Self {
        self.min_window = Some(require_duration("`min_split_window`", window));
        self
    }

    /// What the user is told besides, when no window was short enough.
    #[must_use]
    pub const fn failure_message(mut self, sentence: &'static str) -> Self {
        self.failure_message = Some(sentence);
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }

    pub(crate) fn plan(&self) -> pages::WindowSplitting {
        pages::WindowSplitting { min_window: self.min_window, failure_message: self.failure_message.map(str::to_owned) }
    }
}
