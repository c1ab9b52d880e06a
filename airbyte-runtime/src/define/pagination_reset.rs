//! `pagination_reset = …`: when the pages of a partition begin anew, and where.
//!
//! An answer that asks for it is named by a rule of the error handler:
//! `error_handler = [body("error", "cursor expired") => reset_pagination]`.

use crate::plan::pages;

/// The pages begin anew with the first one, once for each slice; the default.
#[must_use]
pub const fn reset() -> PaginationReset {
    PaginationReset { by_cursor: false, records: None, pages: None }
}

/// The pages begin anew behind the newest record that was read, so that an API that shows only so many records of a
/// search shows the rest, too: `split_using_cursor(number_of_records = 10_000)`.
///
/// Records have to come in the order of the cursor.
#[must_use]
pub const fn split_using_cursor() -> PaginationReset {
    PaginationReset { by_cursor: true, records: None, pages: None }
}

/// See [`reset`] and [`split_using_cursor`].
#[derive(Clone, Copy, Debug)]
pub struct PaginationReset {
    pub(crate) by_cursor: bool,
    records: Option<u32>,
    pages: Option<u32>,
}

impl PaginationReset {
    /// The records of a slice after which its pages begin anew, whatever the answers say.
    #[must_use]
    #[track_caller]
    pub const fn number_of_records(mut self, records: u32) -> Self {
        require_cursor(self, records);
        self.records = Some(records);
        self
    }

    /// The pages of a slice after which they begin anew, whatever the answers say.
    #[must_use]
    #[track_caller]
    pub const fn number_of_pages(mut self, pages: u32) -> Self {
        require_cursor(self, pages);
        self.pages = Some(pages);
        self
    }

    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }

    pub(crate) fn plan(self) -> pages::PaginationReset {
        pages::PaginationReset {
            by_cursor: self.by_cursor,
            after_records: self.records.map(Into::into),
            after_pages: self.pages.map(Into::into),
        }
    }
}

#[track_caller]
const fn require_cursor(reset: PaginationReset, limit: u32) {
    assert!(
        limit > 0,
        "a limit of 0 is reached before the first page\nhelp: write what the API allows, e.g. `number_of_records = 10_000`"
    );
    assert!(
        reset.by_cursor,
        "pages that begin anew with the first one would reach the same limit again\nhelp: write `split_using_cursor(…)`, which goes on behind the newest record"
    );
}
