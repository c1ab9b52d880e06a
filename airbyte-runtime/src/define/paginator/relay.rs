//! GraphQL connections, as Relay has them.

use std::sync::Arc;

use super::{PaginatorDef, require_page_size};
use crate::plan::{self, Paginator, request};

/// A GraphQL connection: `relay("data.issues.pageInfo", page_size = 50)`, with the dotted path of its `pageInfo`.
///
/// `endCursor` goes into the variable `after` while `hasNextPage` is true, and the page size into `first`.
/// The query declares both: `query($first: Int, $after: String) { issues(first: $first, after: $after) { … } }`.
#[must_use]
#[track_caller]
pub const fn relay(page_info: &'static str) -> Relay {
    assert!(
        !page_info.is_empty(),
        "the path of `pageInfo` is empty\nhelp: write where it is in the answer, as in `relay(\"data.issues.pageInfo\")`"
    );
    Relay { page_info, page_size: None, backward: false, cursor: None, size: None }
}

/// See [`relay`].
#[derive(Clone, Copy, Debug)]
pub struct Relay {
    page_info: &'static str,
    page_size: Option<u32>,
    backward: bool,
    cursor: Option<&'static str>,
    size: Option<&'static str>,
}

impl Relay {
    /// Records asked for in a page.
    #[must_use]
    #[track_caller]
    pub const fn page_size(mut self, records: u32) -> Self {
        require_page_size(records);
        self.page_size = Some(records);
        self
    }

    /// Whether the pages are read from the last one on: `startCursor` goes into `before` while `hasPreviousPage` is
    /// true, and the page size into `last`.
    #[must_use]
    pub const fn backward(mut self, backward: bool) -> Self {
        self.backward = backward;
        self
    }

    /// The variable for the cursor, in place of `after` (or `before`).
    #[must_use]
    pub const fn cursor_variable(mut self, name: &'static str) -> Self {
        self.cursor = Some(name);
        self
    }

    /// The variable for the page size, in place of `first` (or `last`).
    #[must_use]
    pub const fn page_size_variable(mut self, name: &'static str) -> Self {
        self.size = Some(name);
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.size.is_none() || self.page_size.is_some(),
            "the page size has a variable, but no value\nhelp: add `page_size = 50`"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl PaginatorDef for Relay {
    fn plan(&'static self) -> Arc<dyn Paginator> {
        let (end, has_more, cursor, size) = match self.backward {
            false => ("endCursor", "hasNextPage", "after", "first"),
            true => ("startCursor", "hasPreviousPage", "before", "last"),
        };
        let variable = |name: &str| request::Inject::Body(vec!["variables".to_owned(), name.to_owned()]);
        Arc::new(plan::paginator::CursorToken {
            from: Some(plan::paginator::TokenSource::Body(format!("{}.{end}", self.page_info))),
            has_more: Some(format!("{}.{has_more}", self.page_info)),
            stop: None,
            is_path: false,
            page_size: self.page_size,
            token: Some(variable(self.cursor.unwrap_or(cursor))),
            size: self.page_size.map(|_| variable(self.size.unwrap_or(size))),
        })
    }
}
