//! Scrolls: a search that is kept open, and read on by its id.

use std::sync::Arc;

use super::super::inject::{Inject, inject_methods};
use super::super::value::{Map, Value};
use super::PaginatorDef;
use crate::plan::{self, Paginator};

/// A search that the API keeps open: `scroll(id_path = "_scroll_id", path = "/_search/scroll", id_body = "scroll_id")`.
///
/// The first request is the stream's own; all others go to `path`, with the id that the answer before gave and with
/// nothing of the first but its headers: by `GET`, or by `POST` if they carry something. Reading ends at a page without
/// records.
#[must_use]
pub const fn scroll() -> Scroll {
    Scroll { id_path: None, path: None, body: &[], id: None, close: false }
}

/// See [`scroll`].
#[derive(Clone, Copy, Debug)]
pub struct Scroll {
    id_path: Option<&'static str>,
    path: Option<&'static str>,
    body: Map,
    id: Option<Inject>,
    close: bool,
}

impl Scroll {
    /// The id is at this dotted path of each answer.
    #[must_use]
    pub const fn id_path(mut self, path: &'static str) -> Self {
        self.id_path = Some(path);
        self
    }

    /// The path of all pages but the first, below the base URL.
    #[must_use]
    pub const fn path(mut self, path: &'static str) -> Self {
        self.path = Some(path);
        self
    }

    /// What all requests but the first carry besides the id, as JSON: `body = { scroll = "1m" }`.
    #[must_use]
    pub const fn body(mut self, fields: Map) -> Self {
        self.body = fields;
        self
    }

    /// Whether the API is told at the end that the search may be closed, by `DELETE` with the id.
    #[must_use]
    pub const fn delete(mut self, delete: bool) -> Self {
        self.close = delete;
        self
    }

    inject_methods!(id, "scroll id", id_param, id_header, id_body, id_form);

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.id_path.is_some(),
            "paginator `scroll` does not say where the id comes from\nhelp: add `id_path = \"_scroll_id\"`"
        );
        assert!(
            self.path.is_some(),
            "paginator `scroll` does not say where the next page is asked for\nhelp: add `path = \"/_search/scroll\"`"
        );
        assert!(
            self.id.is_some(),
            "paginator `scroll` does not say where the id goes\nhelp: add `id_body = \"scroll_id\"` (or `id_param`, `id_header`, `id_form`)"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl PaginatorDef for Scroll {
    fn plan(&'static self) -> Arc<dyn Paginator> {
        Arc::new(plan::paginator::Scroll {
            id_path: self.id_path.unwrap_or_default().to_owned(),
            method: match self.id {
                Some(Inject::Param(_) | Inject::Header(_)) if self.body.is_empty() => http::Method::GET,
                _ => http::Method::POST,
            },
            body: Value::Map(self.body).to_json(),
            id: self.id.unwrap_or(Inject::Body("scroll_id")).into(),
            closes: self.close,
        })
    }

    fn next_path(&self) -> Option<&'static str> {
        self.path
    }
}
