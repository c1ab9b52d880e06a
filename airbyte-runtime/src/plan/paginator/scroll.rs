//! Scrolls: a search that is kept open, and read on by its id.

use http::Method;
use serde_json::Value;

use super::{Page, PageToken, Paginator, inject_token, is_true};
use crate::error::Result;
use crate::plan::request::{Inject, RequestBody, RequestDraft};

/// The first request is the stream's; the others have the id, and a path that the requester knows.
#[derive(Debug)]
pub(crate) struct Scroll {
    /// Where an answer holds the id.
    pub(crate) id_path: String,
    pub(crate) method: Method,
    /// What the other requests carry besides the id.
    pub(crate) body: Value,
    pub(crate) id: Inject,
    /// Whether the search is closed at the end.
    pub(crate) closes: bool,
}

impl Paginator for Scroll {
    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        if token.is_none() {
            return Ok(());
        }
        request.method = self.method.clone();
        if self.body.as_object().is_some_and(|body| !body.is_empty()) {
            request.body = RequestBody::Json(self.body.clone());
        }
        inject_token(token, &self.id, request)
    }

    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        let id = page.body(&self.id_path).filter(|id| is_true(Some(id)));
        Ok(id.filter(|_| page.records() > 0).cloned().map(PageToken::Value))
    }

    fn body_paths(&self) -> Vec<String> {
        vec![self.id_path.clone()]
    }

    fn close(&self, token: &PageToken, request: &mut RequestDraft) -> Result<bool> {
        if self.closes {
            request.method = Method::DELETE;
            request.body = RequestBody::Empty;
            inject_token(Some(token), &self.id, request)?;
        }
        Ok(self.closes)
    }
}
