//! Session tokens: log in first, then show the token of the session.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::LocalBoxFuture;
use http::StatusCode;
use serde_json::Value;

use super::Authenticator;
use super::flight::SingleFlight;
use super::placement::Placement;
use crate::config::Redactor;
use crate::error::Result;
#[cfg(feature = "manifest")]
use crate::jinja::{Scope, Template, json};
use crate::placeholder::as_text;
use crate::plan::error_handler::Answer;
use crate::plan::request::RequestDraft;
use crate::time::{Duration, Moment};

/// Opens a session.
pub(crate) trait LoginRequest: Send + Sync + 'static {
    /// Logs in and returns the session's token.
    ///
    /// # Errors
    /// Those of the request. An answer without a token, or one that is to be ignored, is a system error.
    fn log_in(&self) -> LocalBoxFuture<'_, Result<Value>>;
}

/// How requests show the session's token.
pub(crate) struct SessionUse {
    placement: Placement,
    form: SessionForm,
}

/// What is written.
enum SessionForm {
    /// The token behind this text.
    Behind(String),
    /// A template with the variable `session_token`.
    #[cfg(feature = "manifest")]
    Template(Template),
}

/// Logs in, keeps the token while it is valid, and shows it with every request.
///
/// A session without a known end is opened once, and again after the API has refused it.
pub(crate) struct SessionTokenAuth {
    sessions: Arc<Sessions>,
    shown: SessionUse,
    renews_after_refusal: bool,
}

/// Where the sessions are from. A login keeps it, whatever becomes of the request that began it.
struct Sessions {
    login: Box<dyn LoginRequest>,
    lifetime: Option<Duration>,
    redactor: Redactor,
    session: Mutex<Option<Session>>,
    logins: SingleFlight,
}

#[derive(Clone)]
struct Session {
    token: Value,
    expires: Option<Moment>,
}

impl SessionUse {
    /// The token, with a text before it such as `Bearer `.
    pub(crate) fn behind(text: &str, placement: Placement) -> Self {
        Self { placement, form: SessionForm::Behind(text.to_owned()) }
    }

    /// `template` sees the variable `session_token`.
    #[cfg(feature = "manifest")]
    pub(crate) fn template(template: Template, placement: Placement) -> Self {
        Self { placement, form: SessionForm::Template(template) }
    }

    fn text(&self, token: &Value) -> Result<String> {
        match &self.form {
            SessionForm::Behind(text) => Ok(format!("{text}{}", as_text(token))),
            #[cfg(feature = "manifest")]
            SessionForm::Template(template) => {
                let scope = Scope::new().with("session_token", json(token));
                Ok(template.eval(&scope)?.to_text())
            }
        }
    }
}

impl SessionTokenAuth {
    /// `lifetime` is how long a session lasts, if that is known.
    pub(crate) fn new(
        login: Box<dyn LoginRequest>,
        lifetime: Option<Duration>,
        shown: SessionUse,
        redactor: Redactor,
    ) -> Self {
        let (session, logins) = (Mutex::new(None), SingleFlight::default());
        let sessions = Arc::new(Sessions { login, lifetime, redactor, session, logins });
        Self { sessions, shown, renews_after_refusal: false }
    }

    /// Opens another session when the API refuses one, without an error handler that says so.
    pub(crate) fn renewing_after_refusal(self) -> Self {
        Self { renews_after_refusal: true, ..self }
    }
}

impl Sessions {
    fn current(&self) -> Option<Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, session: Option<Session>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    fn valid(&self) -> Option<Session> {
        self.current().filter(|session| session.expires.is_none_or(|expires| expires >= Moment::now()))
    }

    async fn token(self: &Arc<Self>) -> Result<Value> {
        if let Some(session) = self.valid() {
            return Ok(session.token);
        }
        // A session that was opened while this request waited is used, however short its life.
        let known = |waited| if waited { self.current() } else { self.valid() }.map(|session| session.token);
        let sessions = Arc::clone(self);
        self.logins.join(known, async move { sessions.open().await }).await
    }

    /// Logs in.
    async fn open(&self) -> Result<Value> {
        let token = self.login.log_in().await?;
        self.redactor.add_obtained(&as_text(&token));
        let expires = self.lifetime.and_then(|lifetime| lifetime.add_to(Moment::now()));
        self.replace(Some(Session { token: token.clone(), expires }));
        Ok(token)
    }

    /// Logs in anew unless the session is another than `refused` by now.
    async fn reopen(self: &Arc<Self>, refused: Option<Value>) -> Result<()> {
        let known = |_| (self.current().map(|session| session.token) != refused).then_some(());
        let sessions = Arc::clone(self);
        self.logins.join(known, async move { sessions.open().await.map(drop) }).await
    }
}

impl Authenticator for SessionTokenAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let token = self.sessions.token().await?;
            let shown = self.shown.text(&token)?;
            let redactor = &self.sessions.redactor;
            redactor.add_obtained(&as_text(&token));
            redactor.add_obtained(&shown);
            self.shown.placement.write(request, &shown)
        })
    }

    fn is_ready(&self) -> bool {
        self.sessions.valid().is_some()
    }

    fn refresh<'a>(&'a self, refused: &'a RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            match self.sessions.current() {
                Some(session) if self.is_shown_in(refused, &session.token) => {
                    self.sessions.reopen(Some(session.token)).await
                }
                _ => Ok(()),
            }
        })
    }

    fn renews_after_refusal(&self) -> bool {
        self.renews_after_refusal
    }

    fn observe(&self, request: &RequestDraft, answer: &Answer<'_>) {
        // The end of a session without a lifetime is known from the refusal only.
        let is_refused = self.sessions.lifetime.is_none() && answer.status == StatusCode::UNAUTHORIZED;
        if is_refused && self.sessions.current().is_some_and(|session| self.is_shown_in(request, &session.token)) {
            self.sessions.replace(None);
        }
    }
}

impl SessionTokenAuth {
    /// Whether the request was sent with this token; yes where that cannot be told.
    fn is_shown_in(&self, request: &RequestDraft, token: &Value) -> bool {
        let sent = self.shown.placement.read(request);
        sent.is_none() || self.shown.text(token).is_ok_and(|text| sent == Some(text.as_str()))
    }
}

#[cfg(all(test, feature = "manifest"))]
mod tests;
