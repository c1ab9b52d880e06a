//! `full_refresh = …`: another stream that says how the first sync is read, as long as there is no state to go on from.

use super::inject::require_duration;
use super::stream::{Stream, StreamDef};
use crate::rules::text::Text;
use crate::time::Duration;

/// The stream that is read as long as there is no state; an expansion makes it of `full_refresh = AllIssues`.
#[derive(Clone, Copy, Debug)]
pub struct FullRefreshDef {
    pub(crate) stream: fn() -> &'static StreamDef,
    pub(crate) api_retention_period: Option<Duration>,
}

impl FullRefreshDef {
    /// Stream `F`, of the same source as `T`.
    ///
    /// Refuses streams without a cursor: the state of the one is what the other goes on from.
    #[must_use]
    #[track_caller]
    pub const fn of<T: Stream, F: Stream<Source = T::Source>>() -> Self {
        if !F::INTERVAL {
            let text = Text::new().push("stream `").push(F::NAME).push(
                "` has no cursor, so it leaves no state to go on from\nhelp: give it the cursor of the stream whose first sync it is",
            );
            panic!("{}", text.as_str());
        }
        Self { stream: F::definition, api_retention_period: None }
    }

    /// How long the API knows of changes: a state that is older counts as none, as in `api_retention_period = "P30D"`.
    #[must_use]
    #[track_caller]
    pub const fn api_retention_period(mut self, duration: &'static str) -> Self {
        self.api_retention_period = Some(require_duration("`api_retention_period`", duration));
        self
    }
}
