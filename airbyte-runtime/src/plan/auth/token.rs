//! Credentials that a template yields: API keys, bearer tokens, basic authentication.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;

use super::placement::{Collision, Placement};
use super::{Authenticator, done};
use crate::config::Redactor;
use crate::error::Result;
use crate::jinja::{Scope, Template};
use crate::plan::request::RequestDraft;

/// A token in a place of the manifest's choice.
pub(crate) struct ApiKeyAuth {
    token: Template,
    placement: Placement,
    redactor: Redactor,
}

/// A token in `Authorization: Bearer …`.
pub(crate) struct BearerAuth {
    token: Template,
    placement: Placement,
    redactor: Redactor,
}

/// A user's name and password in `Authorization: Basic …`, in UTF-8.
pub(crate) struct BasicAuth {
    username: Template,
    password: Template,
    placement: Placement,
    redactor: Redactor,
}

impl ApiKeyAuth {
    pub(crate) fn new(token: Template, placement: Placement, redactor: Redactor) -> Self {
        Self { token, placement, redactor }
    }
}

impl BearerAuth {
    pub(crate) fn new(token: Template, collision: Collision, redactor: Redactor) -> Self {
        Self { token, placement: Placement::authorization(collision), redactor }
    }
}

impl BasicAuth {
    pub(crate) fn new(username: Template, password: Template, collision: Collision, redactor: Redactor) -> Self {
        Self { username, password, placement: Placement::authorization(collision), redactor }
    }

    fn credentials(&self) -> Result<String> {
        let (username, password) = (text(&self.username)?, text(&self.password)?);
        let credentials = STANDARD.encode(format!("{username}:{password}"));
        self.redactor.add_obtained(&credentials);
        Ok(format!("Basic {credentials}"))
    }
}

impl Authenticator for ApiKeyAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        done(secret(&self.token, &self.redactor).and_then(|token| self.placement.write(request, &token)))
    }
}

impl Authenticator for BearerAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        let token = secret(&self.token, &self.redactor);
        done(token.and_then(|token| self.placement.write(request, &format!("Bearer {token}"))))
    }
}

impl Authenticator for BasicAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        done(self.credentials().and_then(|credentials| self.placement.write(request, &credentials)))
    }
}

/// The text of a template that sees the configuration only: its value, converted to a literal and printed again.
///
/// # Errors
/// See [`Template::eval`].
pub(super) fn text(template: &Template) -> Result<String> {
    Ok(template.eval(&Scope::new())?.to_text())
}

/// The same of one that is a secret, whatever it was computed from.
fn secret(template: &Template, redactor: &Redactor) -> Result<String> {
    let secret = text(template)?;
    redactor.add_obtained(&secret);
    Ok(secret)
}

#[cfg(test)]
mod tests;
