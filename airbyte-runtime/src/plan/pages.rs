//! What is done where the pages of a slice cannot be read as they are asked for: smaller pages, shorter windows, and
//! another beginning. State machines without I/O; the engine waits and asks.

use std::time::Duration as Wait;

use super::wording::Wording;
use crate::error::{Error, Result};
use crate::time::Duration;

/// How the pages of a stream are asked for otherwise, where an answer or a limit says so.
#[derive(Debug, Default)]
pub(crate) struct PagePolicy {
    pub(crate) reduction: Option<PageSizeReduction>,
    pub(crate) splitting: Option<WindowSplitting>,
    pub(crate) reset: PaginationReset,
}

/// Smaller pages where an answer asks for them.
#[derive(Clone, Debug)]
pub(crate) struct PageSizeReduction {
    /// What the size is divided by, more than 1.
    pub(crate) factor: f64,
    /// The smallest size, at least 1.
    pub(crate) minimum: u64,
    /// Reductions in a row without a page, after which the slice fails.
    pub(crate) max_attempts: u32,
    /// The wait before a page is asked for again, in seconds, times the number of tries in a row.
    pub(crate) backoff_seconds: f64,
    /// How many more times a page of the smallest size is asked for.
    pub(crate) retries_at_minimum: u32,
    /// What the user is told besides.
    pub(crate) failure_message: Option<String>,
    /// Whether each page is asked for in full size first.
    pub(crate) restores: bool,
}

impl Default for PageSizeReduction {
    fn default() -> Self {
        Self {
            factor: 2.0,
            minimum: 1,
            max_attempts: 5,
            backoff_seconds: 0.5,
            retries_at_minimum: 0,
            failure_message: None,
            restores: false,
        }
    }
}

/// Halves of a window where an answer asks for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct WindowSplitting {
    /// A window of this length, or a shorter one, is not split.
    pub(crate) min_window: Option<Duration>,
    /// What the user is told besides.
    pub(crate) failure_message: Option<String>,
}

/// The first page again, where an answer or a limit asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PaginationReset {
    /// Whether the window then begins at the newest record that was read.
    pub(crate) by_cursor: bool,
    /// Records of a slice after which it is done.
    pub(crate) after_records: Option<u64>,
    /// Pages of a slice after which it is done.
    pub(crate) after_pages: Option<u64>,
}

/// The size of the pages that are asked for while one slice is read.
#[derive(Debug, Default)]
pub(crate) struct PageSize {
    reduced: Option<u64>,
    /// Reductions since the last page that came.
    attempts: u32,
    /// Tries at the smallest size since then.
    at_minimum: u32,
}

impl PageSize {
    /// The size, where it is not the configured one.
    pub(crate) fn reduced(&self) -> Option<u64> {
        self.reduced
    }

    /// Takes note of a page that came.
    pub(crate) fn succeed(&mut self, policy: &PageSizeReduction) {
        (self.attempts, self.at_minimum) = (0, 0);
        if policy.restores {
            self.reduced = None;
        }
    }

    /// Makes the page smaller that an answer refused; returns the wait before it is asked for again.
    ///
    /// # Errors
    /// A page that cannot become smaller. The user can do something about it only if it never could.
    pub(crate) fn reduce(
        &mut self,
        policy: &PageSizeReduction,
        configured: Option<u64>,
        said: Option<&str>,
        (wording, stream): (Wording, &str),
    ) -> Result<Wait> {
        let Some(size) = self.reduced.or(configured) else {
            return Err(Error::config(
                "the API asks for smaller pages, but the requests do not say how large a page is; give the paginator \
                 a `page_size` and a place for it in the request",
            ));
        };
        let detail = |error: Error| match said {
            Some(said) => error.with_detail(said.to_owned()),
            None => error,
        };
        let smaller = divide(size, policy.factor).max(policy.minimum);
        if smaller >= size {
            let hopeless = || with_hint(wording.smallest_page(stream, size), policy.failure_message.as_deref());
            return self.retry_at_minimum(policy, size, hopeless).map_err(detail);
        }
        if self.attempts >= policy.max_attempts {
            return Err(detail(Error::transient(with_hint(
                wording.every_page(stream, size),
                policy.failure_message.as_deref(),
            ))));
        }
        self.attempts += 1;
        self.reduced = Some(smaller);
        tracing::info!("the API asks for smaller pages: {smaller} records in place of {size}");
        Ok(wait(policy.backoff_seconds, self.attempts))
    }

    /// The API may only be unwell for a moment, which looks the same.
    fn retry_at_minimum(
        &mut self,
        policy: &PageSizeReduction,
        size: u64,
        hopeless: impl Fn() -> String,
    ) -> Result<Wait> {
        if self.at_minimum < policy.retries_at_minimum {
            self.at_minimum += 1;
            tracing::info!("a page of {size} records cannot become smaller; it is asked for again as it is");
            return Ok(wait(policy.backoff_seconds, self.at_minimum));
        }
        if self.reduced.is_none() && policy.minimum > 1 {
            return Err(Error::config(format!(
                "the API asks for smaller pages, but a page of {size} records is as small as `minimum_page_size` \
                 allows ({}); raise the page size or lower the minimum",
                policy.minimum
            )));
        }
        Err(Error::transient(hopeless()))
    }
}

/// A sentence, and behind it what the connector says besides.
pub(crate) fn with_hint(sentence: String, hint: Option<&str>) -> String {
    match hint.map(str::trim).filter(|hint| !hint.is_empty()) {
        Some(hint) if sentence.ends_with('.') => format!("{sentence} {hint}"),
        Some(hint) => format!("{sentence}. {hint}"),
        None => sentence,
    }
}

/// Division as Python's `//` does it with a float: by the remainder, so that 6 by 1.2 is 4.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "page sizes")]
fn divide(size: u64, factor: f64) -> u64 {
    let size = size as f64;
    let quotient = (size - size % factor) / factor;
    quotient.round() as u64
}

fn wait(seconds: f64, times: u32) -> Wait {
    Wait::try_from_secs_f64(seconds * f64::from(times)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const WORDS: (Wording, &str) = (Wording::Own, "things");

    fn policy() -> PageSizeReduction {
        PageSizeReduction { backoff_seconds: 0.5, ..PageSizeReduction::default() }
    }

    /// The sizes asked for while everything is refused, and the error at the end.
    fn refused(policy: &PageSizeReduction, configured: u64) -> (Vec<u64>, Error) {
        let (mut page_size, mut sizes) = (PageSize::default(), Vec::new());
        loop {
            match page_size.reduce(policy, Some(configured), None, WORDS) {
                Ok(_) => sizes.push(page_size.reduced().unwrap_or(configured)),
                Err(error) => return (sizes, error),
            }
            assert!(sizes.len() < 100, "reductions have no end");
        }
    }

    #[test]
    fn sizes_are_divided_until_the_budget_is_spent() {
        let (sizes, error) = refused(&policy(), 100);
        assert_eq!(sizes, [50, 25, 12, 6, 3]);
        assert_eq!(error.kind(), ErrorKind::Transient);
        let (sizes, _) = refused(&PageSizeReduction { factor: 10.0, ..policy() }, 100);
        assert_eq!(sizes, [10, 1]);
        let (sizes, _) = refused(&PageSizeReduction { factor: 1.1, max_attempts: 1, ..policy() }, 11);
        assert_eq!(sizes, [9], "divided as Python's `//` does");
    }

    #[test]
    fn the_smallest_size_is_tried_as_often_as_is_said() {
        let (sizes, error) = refused(&PageSizeReduction { minimum: 20, retries_at_minimum: 2, ..policy() }, 50);
        assert_eq!(sizes, [25, 20, 20, 20]);
        assert_eq!(error.kind(), ErrorKind::Transient);
    }

    #[test]
    fn a_page_that_could_never_be_smaller_is_the_users_affair() {
        let (sizes, error) = refused(&PageSizeReduction { minimum: 50, ..policy() }, 50);
        assert_eq!((sizes.len(), error.kind()), (0, ErrorKind::Config));
        let (_, error) = refused(&policy(), 1);
        assert_eq!(error.kind(), ErrorKind::Transient);
        let error = PageSize::default().reduce(&policy(), None, None, WORDS).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }

    #[test]
    fn a_page_that_came_gives_the_budget_back_and_the_size_only_if_wanted() {
        let mut page_size = PageSize::default();
        assert_eq!(page_size.reduce(&policy(), Some(4), None, WORDS).unwrap(), Wait::from_millis(500));
        assert_eq!(page_size.reduce(&policy(), Some(4), None, WORDS).unwrap(), Wait::from_secs(1));
        page_size.succeed(&policy());
        assert_eq!(page_size.reduced(), Some(1));
        page_size.succeed(&PageSizeReduction { restores: true, ..policy() });
        assert_eq!(page_size.reduced(), None);
        assert_eq!(page_size.reduce(&policy(), Some(4), None, WORDS).unwrap(), Wait::from_millis(500));
    }

    #[test]
    fn the_connector_has_the_last_word() {
        let hinted = PageSizeReduction { failure_message: Some(" narrow the query ".to_owned()), ..policy() };
        let (_, error) = refused(&hinted, 1);
        assert!(error.message().ends_with(". narrow the query"), "{}", error.message());
    }
}
