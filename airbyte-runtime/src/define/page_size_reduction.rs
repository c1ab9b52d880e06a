//! `page_size_reduction = …`: how pages become smaller where an answer asks for it.
//!
//! The answer is named by a rule of the error handler: `error_handler = [status(413) => reduce_page_size]`.

use super::inject::require_duration;
use crate::plan::pages;
use crate::time::Duration;

/// When the size of a page that was reduced is the full one again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetPolicy {
    /// Not before the next slice.
    Never,
    /// For the next page.
    AfterSuccessfulPage,
}

pub use ResetPolicy::{AfterSuccessfulPage, Never};

const HALF_A_SECOND: Duration = match Duration::parse("PT0.5S") {
    Ok(duration) => duration,
    Err(_) => Duration::from_seconds(1),
};

/// Pages are divided by a whole number: `divide_by(2, minimum_page_size = 10)`.
///
/// A page that is refused is asked for again, in the smaller size, after `backoff`.
#[must_use]
#[track_caller]
pub const fn divide_by(factor: u32) -> PageSizeReduction {
    assert!(
        factor > 1,
        "pages that are divided by less than 2 do not become smaller\nhelp: write `divide_by(2)` for half the size"
    );
    PageSizeReduction {
        factor,
        minimum: 1,
        max_attempts: 5,
        backoff: HALF_A_SECOND,
        retries_at_minimum: 0,
        failure_message: None,
        reset_policy: Never,
    }
}

/// See [`divide_by`].
#[derive(Clone, Copy, Debug)]
pub struct PageSizeReduction {
    factor: u32,
    minimum: u32,
    max_attempts: u32,
    backoff: Duration,
    retries_at_minimum: u32,
    failure_message: Option<&'static str>,
    reset_policy: ResetPolicy,
}

impl PageSizeReduction {
    /// The smallest page that is asked for, in records; 1 unless it is set.
    #[must_use]
    #[track_caller]
    pub const fn minimum_page_size(mut self, records: u32) -> Self {
        assert!(
            records > 0,
            "the smallest page has at least 1 record\nhelp: write `minimum_page_size = 1`, or leave it out"
        );
        self.minimum = records;
        self
    }

    /// Reductions in a row without a page after which the partition fails; 5 unless it is set.
    #[must_use]
    #[track_caller]
    pub const fn max_attempts(mut self, reductions: u32) -> Self {
        assert!(
            reductions > 0,
            "without attempts no page becomes smaller\nhelp: write `max_attempts = 5`, or leave it out"
        );
        self.max_attempts = reductions;
        self
    }

    /// The wait before a page is asked for again, as an ISO 8601 duration, times the number of tries in a row;
    /// `PT0.5S` unless it is set.
    #[must_use]
    #[track_caller]
    pub const fn backoff(mut self, wait: &'static str) -> Self {
        self.backoff = require_duration("`backoff`", wait);
        self
    }

    /// How many more times a page of the smallest size is asked for; 0 unless it is set.
    #[must_use]
    pub const fn retries_at_minimum_page_size(mut self, retries: u32) -> Self {
        self.retries_at_minimum = retries;
        self
    }

    /// What the user is told besides, when no size helped.
    #[must_use]
    pub const fn failure_message(mut self, sentence: &'static str) -> Self {
        self.failure_message = Some(sentence);
        self
    }

    /// When the full size is asked for again: `Never`, or `AfterSuccessfulPage`.
    #[must_use]
    pub const fn reset_policy(mut self, policy: ResetPolicy) -> Self {
        self.reset_policy = policy;
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }

    pub(crate) fn plan(&self) -> pages::PageSizeReduction {
        pages::PageSizeReduction {
            factor: f64::from(self.factor),
            minimum: self.minimum.into(),
            max_attempts: self.max_attempts,
            backoff_seconds: self.backoff.approximate_nanos() as f64 / 1e9,
            retries_at_minimum: self.retries_at_minimum,
            failure_message: self.failure_message.map(str::to_owned),
            restores: self.reset_policy == AfterSuccessfulPage,
        }
    }
}
