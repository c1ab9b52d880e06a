//! Authenticators: the last component that writes into a request.

#[cfg(feature = "manifest")]
pub(crate) mod flight;
#[cfg(feature = "manifest")]
pub(crate) mod jwt;
#[cfg(feature = "manifest")]
pub(crate) mod legacy_session;
#[cfg(feature = "manifest")]
pub(crate) mod mapping;
#[cfg(feature = "manifest")]
pub(crate) mod oauth;
#[cfg(feature = "manifest")]
pub(crate) mod placement;
#[cfg(feature = "manifest")]
pub(crate) mod quota;
#[cfg(all(test, feature = "manifest"))]
mod scripted;
#[cfg(feature = "manifest")]
pub(crate) mod selective;
#[cfg(feature = "manifest")]
pub(crate) mod session;
#[cfg(feature = "manifest")]
pub(crate) mod token;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;
use http::{HeaderName, HeaderValue};

use super::error_handler::Answer;
use super::request::{RequestDraft, header};
use crate::error::Result;

/// How a request shows who is asking.
///
/// It is asked before every try of every request to the API's own hosts, and never for another host.
pub trait Authenticator: Send + Sync + 'static {
    /// Writes the credentials into the request; may ask a token service for them first.
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>>;

    /// Obtains new credentials although the present ones look valid, because the API refused a request with them.
    ///
    /// `refused` is the request as it was sent: if its credentials were replaced since, nothing is done. Callers that
    /// ask at the same time share one renewal. Credentials that cannot be renewed stay as they are.
    fn refresh<'a>(&'a self, _refused: &'a RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        done(Ok(()))
    }

    /// Learns from the answer to a request as it was sent, such as what is left of a quota.
    ///
    /// It is told of every answer, also of those that are errors, before anything is done about them.
    fn observe(&self, _request: &RequestDraft, _answer: &Answer<'_>) {}

    /// How long to wait before a request that the rate limit stopped is sent again, where other credentials than those
    /// of `limited`, the request as it was sent, still have a quota: the limit that the API asks to wait for is not
    /// theirs. `None` keeps the wait that the API or the error handler asks for.
    ///
    /// It is asked after [`Authenticator::observe`] was told of the answer.
    fn wait_with_other_credentials(&self, _limited: &RequestDraft) -> Option<Duration> {
        None
    }
}

impl<A: Authenticator + ?Sized> Authenticator for &'static A {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        (**self).authenticate(request)
    }
    fn refresh<'a>(&'a self, refused: &'a RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        (**self).refresh(refused)
    }
    fn observe(&self, request: &RequestDraft, answer: &Answer<'_>) {
        (**self).observe(request, answer);
    }
    fn wait_with_other_credentials(&self, limited: &RequestDraft) -> Option<Duration> {
        (**self).wait_with_other_credentials(limited)
    }
}

fn done<'a>(result: Result<()>) -> LocalBoxFuture<'a, Result<()>> {
    Box::pin(std::future::ready(result))
}

/// No authentication.
pub(crate) struct NoAuth;

impl Authenticator for NoAuth {
    fn authenticate<'a>(&'a self, _request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        done(Ok(()))
    }
}

/// A header with a fixed value: bearer tokens, keys, basic authentication, cookies.
pub(crate) struct HeaderValueAuth {
    name: HeaderName,
    value: HeaderValue,
}

impl HeaderValueAuth {
    /// # Errors
    /// A value that HTTP does not allow is a config error.
    pub(crate) fn new(name: &str, value: &str) -> Result<Self> {
        header(name, value).map(|(name, value)| Self { name, value })
    }

    /// Basic authentication, and the credentials as they are sent.
    ///
    /// # Errors
    /// Never in practice: base64 is legal in a header.
    pub(crate) fn basic(username: &str, password: &str) -> Result<(String, Self)> {
        let credentials = STANDARD.encode(format!("{username}:{password}"));
        let authenticator = Self::new("authorization", &format!("Basic {credentials}"))?;
        Ok((credentials, authenticator))
    }
}

impl Authenticator for HeaderValueAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        request.headers.insert(self.name.clone(), self.value.clone());
        done(Ok(()))
    }
}

/// A query parameter with a fixed value.
pub(crate) struct ParamAuth {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Authenticator for ParamAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        request.set_param(&self.name, self.value.as_str());
        done(Ok(()))
    }
}

/// A function of the connector that writes the credentials.
pub(crate) struct FunctionAuth<S> {
    pub(crate) function: fn(&S, &mut RequestDraft) -> Result<()>,
    pub(crate) source: Arc<S>,
}

impl<S: Send + Sync + 'static> Authenticator for FunctionAuth<S> {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        done((self.function)(&self.source, request))
    }
}
