//! The older kind of session tokens: a configured token if it is still valid, otherwise a login by name and password.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::LocalBoxFuture;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::flight::SingleFlight;
use super::placement::{Collision, Placement};
use super::setting::Setting;
use super::{Authenticator, done};
use crate::config::Redactor;
use crate::error::{Error, Result};
use crate::http::token::exchange_raw;
use crate::http::{HttpClient, Response};
use crate::placeholder::as_text;
use crate::plan::request::{Inject, RequestBody, RequestDraft};
use crate::time::{Duration, Moment};

/// How long a session that was opened by name and password is used.
const LIFETIME: Duration = Duration::from_seconds(24 * 3600);

/// What is said about such sessions.
pub(crate) struct LegacySession {
    /// The base URL of the stream; the other URLs are appended to it as they are.
    pub(crate) api_url: Setting,
    pub(crate) header: Setting,
    pub(crate) username: Setting,
    pub(crate) password: Setting,
    /// The configured token; empty if there is none.
    pub(crate) session_token: Setting,
    pub(crate) session_token_response_key: Setting,
    pub(crate) login_url: Setting,
    pub(crate) validate_session_url: Setting,
}

/// Checks the configured token once, or logs in once a day.
pub(crate) struct LegacySessionAuth {
    sessions: Arc<Sessions>,
    collision: Collision,
    renews_after_refusal: bool,
}

/// Where the sessions are from. A login keeps it, whatever becomes of the request that began it.
struct Sessions {
    settings: LegacySession,
    client: HttpClient,
    redactor: Redactor,
    session: Mutex<Option<Session>>,
    logins: SingleFlight,
}

struct Session {
    token: String,
    expires: Option<Moment>,
}

impl LegacySessionAuth {
    pub(crate) fn new(settings: LegacySession, collision: Collision, client: HttpClient, redactor: Redactor) -> Self {
        let (session, logins) = (Mutex::new(None), SingleFlight::default());
        let sessions = Arc::new(Sessions { settings, client, redactor, session, logins });
        Self { sessions, collision, renews_after_refusal: false }
    }

    /// Chooses anew when the API refuses a session, without an error handler that says so.
    pub(crate) fn renewing_after_refusal(self) -> Self {
        Self { renews_after_refusal: true, ..self }
    }
}

impl Sessions {
    async fn token(self: &Arc<Self>) -> Result<String> {
        if let Some(token) = self.valid() {
            return Ok(token);
        }
        let sessions = Arc::clone(self);
        self.logins.join(|_| self.valid(), async move { sessions.open().await }).await
    }

    fn valid(&self) -> Option<String> {
        let session = self.session();
        let valid = session.as_ref().filter(|session| session.expires.is_none_or(|expires| expires > Moment::now()));
        valid.map(|session| session.token.clone())
    }

    async fn open(&self) -> Result<String> {
        let session = self.choose().await?;
        let token = session.token.clone();
        *self.session() = Some(session);
        Ok(token)
    }

    fn session(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configured token if the API accepts it, otherwise a new one.
    async fn choose(&self) -> Result<Session> {
        let configured = self.settings.session_token.text()?;
        if !configured.is_empty() && self.is_valid(&configured).await? {
            return Ok(Session { token: configured, expires: None });
        }
        let (username, password) = (self.settings.username.text()?, self.settings.password.text()?);
        if username.is_empty() || password.is_empty() {
            return Err(Error::system(
                "the session token is not valid, and there is no user name and password to log in with; \
                 configure a new token, or both of them",
            ));
        }
        self.log_in(&username, &password).await
    }

    async fn is_valid(&self, token: &str) -> Result<bool> {
        let url = self.url(&self.settings.validate_session_url)?;
        let mut request = draft(Method::GET, url);
        request.set_header(&self.settings.header.text()?, token)?;
        let response = exchange_raw(&self.client, request).await?;
        match response.status {
            StatusCode::UNAUTHORIZED => {
                tracing::info!("the configured session token is no longer valid");
                Ok(false)
            }
            status if status.as_u16() < 400 => Ok(true),
            _ => Err(self.refusal("the check of the session token", &response)),
        }
    }

    async fn log_in(&self, username: &str, password: &str) -> Result<Session> {
        tracing::info!("logging in by user name and password");
        let mut request = draft(Method::POST, self.url(&self.settings.login_url)?);
        request.body = RequestBody::Json(json!({ "username": username, "password": password }));
        let response = exchange_raw(&self.client, request).await?;
        if response.status.as_u16() >= 400 {
            return Err(self.refusal("the login", &response));
        }
        let key = self.settings.session_token_response_key.text()?;
        let body: Option<Value> = serde_json::from_slice(&response.body).ok();
        let token = body.as_ref().and_then(|body| body.get(&key)).ok_or_else(|| {
            Error::system(format!(
                "the answer to the login has no session token `{key}`; correct `session_token_response_key`"
            ))
        })?;
        Ok(Session { token: as_text(token).into_owned(), expires: LIFETIME.add_to(Moment::now()) })
    }

    fn url(&self, path: &Setting) -> Result<Url> {
        let url = format!("{}{}", self.settings.api_url.text()?, path.text()?);
        Url::parse(&url).ok().filter(Url::has_host).ok_or_else(|| {
            Error::system(format!(
                "`{url}`, the base URL followed by `{}`, is not a URL that begins with https:// or http://",
                path.written()
            ))
        })
    }

    fn refusal(&self, what: &str, response: &Response) -> Error {
        let said = self.client.api_message(&response.body);
        let said = said.map(|said| format!(" (the API says: {said})")).unwrap_or_default();
        Error::system(format!("{what} was answered {}{said}", response.status))
    }
}

impl Authenticator for LegacySessionAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let token = self.sessions.token().await?;
            self.sessions.redactor.add_obtained(&token);
            let place = Inject::Header(self.sessions.settings.header.text()?);
            Placement::new(place, self.collision).write(request, &token)
        })
    }

    fn is_ready(&self) -> bool {
        self.sessions.valid().is_some()
    }

    fn refresh<'a>(&'a self, refused: &'a RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        let header = match self.sessions.settings.header.text() {
            Ok(header) => header,
            Err(error) => return done(Err(error)),
        };
        let sent = refused.headers.get(&header).and_then(|value| value.to_str().ok());
        // The next request checks the configured token and logs in if that is refused.
        self.sessions.session().take_if(|session| sent.is_none_or(|sent| sent == session.token));
        done(Ok(()))
    }

    fn renews_after_refusal(&self) -> bool {
        self.renews_after_refusal
    }
}

fn draft(method: Method, url: Url) -> RequestDraft {
    RequestDraft { method, url, query: Vec::new(), headers: HeaderMap::new(), body: RequestBody::Empty }
}

#[cfg(all(test, feature = "testing", feature = "manifest"))]
mod tests;
