//! A client certificate, which is shown when a connection is made, and what requests show besides.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use super::{Authenticator, Connection};
use crate::error::Result;
use crate::http::HttpClient;
use crate::plan::error_handler::Answer;
use crate::plan::request::RequestDraft;

/// Another authenticator, over connections of its own.
pub(crate) struct CertifiedAuth {
    connection: Connection,
    inner: Arc<dyn Authenticator>,
}

impl CertifiedAuth {
    /// `client` shows the certificate.
    pub(crate) fn new(client: HttpClient, inner: Arc<dyn Authenticator>) -> Self {
        Self { connection: Connection(client), inner }
    }
}

impl Authenticator for CertifiedAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        self.inner.authenticate(request)
    }

    fn is_ready(&self) -> bool {
        self.inner.is_ready()
    }

    fn refresh<'a>(&'a self, refused: &'a RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        self.inner.refresh(refused)
    }

    fn renews_after_refusal(&self) -> bool {
        self.inner.renews_after_refusal()
    }

    fn has_ended(&self, refused: &RequestDraft) -> bool {
        self.inner.has_ended(refused)
    }

    fn renews(&self) -> bool {
        self.inner.renews()
    }

    fn connection(&self) -> Option<&Connection> {
        Some(&self.connection)
    }

    fn observe(&self, request: &RequestDraft, answer: &Answer<'_>) {
        self.inner.observe(request, answer);
    }

    fn wait_with_other_credentials(&self, limited: &RequestDraft) -> Option<Duration> {
        self.inner.wait_with_other_credentials(limited)
    }

    fn counts_calls(&self) -> bool {
        self.inner.counts_calls()
    }
}
