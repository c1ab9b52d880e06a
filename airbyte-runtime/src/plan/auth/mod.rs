//! Authenticators: the last component that writes into a request.

pub(crate) mod certificate;
pub(crate) mod flight;
pub(crate) mod hmac;
pub(crate) mod jwt;
pub(crate) mod legacy_session;
pub(crate) mod login;
#[cfg(feature = "manifest")]
pub(crate) mod mapping;
pub(crate) mod oauth;
pub(crate) mod placement;
pub(crate) mod quota;
#[cfg(all(test, feature = "manifest"))]
mod scripted;
#[cfg(feature = "manifest")]
pub(crate) mod selective;
pub(crate) mod session;
pub(crate) mod setting;
pub(crate) mod sigv4;
#[cfg(feature = "manifest")]
pub(crate) mod token;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;
use http::{HeaderName, HeaderValue};

use self::placement::{Collision, Placement};
use super::error_handler::Answer;
use super::request::{Inject, RequestDraft, header};
use crate::error::Result;
use crate::http::HttpClient;

/// How a request shows who is asking.
///
/// It is asked before every try of every request to the API's own hosts, and never for another host.
pub trait Authenticator: Send + Sync + 'static {
    /// Writes the credentials into the request; may ask a token service for them first.
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>>;

    /// Whether [`Authenticator::authenticate`] has what it needs, and asks nobody for it.
    ///
    /// Where it is not so, no page is asked for ahead: such a request may be given up at any moment, and a token that a
    /// service has replaced would be lost with it.
    fn is_ready(&self) -> bool {
        true
    }

    /// Obtains new credentials although the present ones look valid, because the API refused a request with them.
    ///
    /// `refused` is the request as it was sent: if its credentials were replaced since, nothing is done. Callers that
    /// ask at the same time share one renewal. Credentials that cannot be renewed stay as they are.
    fn refresh<'a>(&'a self, _refused: &'a RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        done(Ok(()))
    }

    /// Whether a request that the API refuses with 401 is sent again with new credentials, once, where no error handler
    /// decides about it. [`Authenticator::refresh`] obtains them.
    fn renews_after_refusal(&self) -> bool {
        false
    }

    /// Whether the credentials of `refused`, a request that the API refused with 401, may have ended while it was on its
    /// way. It is then sent again with new ones, once, before any error handler decides about it.
    fn has_ended(&self, _refused: &RequestDraft) -> bool {
        false
    }

    /// Whether [`Authenticator::refresh`] obtains credentials that the API has not seen: a request that it refuses again
    /// then fails at once.
    fn renews(&self) -> bool {
        false
    }

    /// The connections that requests go over, where they are not those of the run: with a client certificate.
    fn connection(&self) -> Option<&Connection> {
        None
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

    /// Whether credentials are counted, as calls of a quota are: then [`Authenticator::authenticate`] is asked for them
    /// only when a request is needed, and no page is asked for ahead.
    fn counts_calls(&self) -> bool {
        false
    }
}

impl<A: Authenticator + ?Sized> Authenticator for &'static A {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        (**self).authenticate(request)
    }
    fn is_ready(&self) -> bool {
        (**self).is_ready()
    }
    fn refresh<'a>(&'a self, refused: &'a RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        (**self).refresh(refused)
    }
    fn renews_after_refusal(&self) -> bool {
        (**self).renews_after_refusal()
    }
    fn has_ended(&self, refused: &RequestDraft) -> bool {
        (**self).has_ended(refused)
    }
    fn renews(&self) -> bool {
        (**self).renews()
    }
    fn connection(&self) -> Option<&Connection> {
        (**self).connection()
    }
    fn observe(&self, request: &RequestDraft, answer: &Answer<'_>) {
        (**self).observe(request, answer);
    }
    fn wait_with_other_credentials(&self, limited: &RequestDraft) -> Option<Duration> {
        (**self).wait_with_other_credentials(limited)
    }
    fn counts_calls(&self) -> bool {
        (**self).counts_calls()
    }
}

/// Connections on which the connector shows a certificate.
#[derive(Clone, Debug)]
pub struct Connection(pub(crate) HttpClient);

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

/// A fixed value in the body.
pub(crate) struct PlacedAuth {
    placement: Placement,
    value: String,
}

impl PlacedAuth {
    pub(crate) fn new(place: impl Into<Inject>, value: String) -> Self {
        Self { placement: Placement::new(place.into(), Collision::Replace), value }
    }
}

impl Authenticator for PlacedAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        done(self.placement.write(request, &self.value))
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
