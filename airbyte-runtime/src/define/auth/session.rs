//! `session_token(…)` and `legacy_session(…)`: log in first, then show the token of the session.

use std::sync::Arc;

use serde_json::Value;

use super::login::Login;
use super::{AuthContext, AuthDef};
use crate::define::inject::{Inject, only_place, require_duration, require_header_name};
use crate::error::{Error, Result};
use crate::http::Response;
use crate::plan::Authenticator;
use crate::plan::auth::legacy_session::{LegacySession as Legacy, LegacySessionAuth};
use crate::plan::auth::login::Login as LoginPlan;
use crate::plan::auth::placement::{Collision, Placement};
use crate::plan::auth::session::{SessionTokenAuth, SessionUse};
use crate::plan::auth::setting::Setting;
use crate::time::Duration;

/// The token that a login gives:
/// `session_token(login = post("/login", body = { user = config.user, password = config.password }), token = "token")`.
///
/// Without a place it is sent as `Authorization: Bearer …`. Of all requests that wait for a session one logs in; a
/// session that ends, or that the API refuses with 401, is opened again.
#[must_use]
pub const fn session_token() -> SessionToken {
    SessionToken { login: None, token: None, expires_in: None, place: None, prefix: None }
}

/// See [`session_token`].
#[derive(Clone, Copy, Debug)]
pub struct SessionToken {
    login: Option<Login>,
    token: Option<TokenPlace>,
    expires_in: Option<Duration>,
    place: Option<Inject>,
    prefix: Option<&'static str>,
}

/// Where the answer to a login has the token.
#[derive(Clone, Copy, Debug)]
enum TokenPlace {
    Body(&'static str),
    Header(&'static str),
}

setters! { SessionToken
    /// The request that opens a session: `post(…)` or `get(…)`.
    login: Login => Some;
    /// What stands before the token, blanks included; `Bearer ` in `Authorization`, and else nothing, unless it is set.
    prefix: &'static str => Some;
}

impl SessionToken {
    /// Where the answer has the token: a dotted path of its body.
    #[must_use]
    #[track_caller]
    pub const fn token(self, path: &'static str) -> Self {
        assert!(!path.is_empty(), "the path of the token is empty\nhelp: write it as in `token = \"data.token\"`");
        self.found(TokenPlace::Body(path))
    }

    /// The header of the answer that holds the token, in place of `token`.
    #[must_use]
    #[track_caller]
    pub const fn token_header(self, name: &'static str) -> Self {
        require_header_name(name);
        self.found(TokenPlace::Header(name))
    }

    #[track_caller]
    const fn found(mut self, place: TokenPlace) -> Self {
        assert!(
            self.token.is_none(),
            "the token stands in one place of the answer\nhelp: keep `token` or `token_header`"
        );
        self.token = Some(place);
        self
    }

    /// How long a session lasts, an ISO 8601 duration; without it, until the API refuses it.
    #[must_use]
    #[track_caller]
    pub const fn expires_in(mut self, text: &'static str) -> Self {
        self.expires_in = Some(require_duration("expires_in", text));
        self
    }

    /// The header that the token goes to, in place of `Authorization`.
    #[must_use]
    #[track_caller]
    pub const fn header(mut self, name: &'static str) -> Self {
        require_header_name(name);
        self.place = only_place("session token", self.place, Inject::Header(name));
        self
    }

    /// The query parameter that the token goes to.
    #[must_use]
    #[track_caller]
    pub const fn param(mut self, name: &'static str) -> Self {
        self.place = only_place("session token", self.place, Inject::Param(name));
        self
    }

    /// The field of the JSON body that the token goes to, a dotted path.
    #[must_use]
    #[track_caller]
    pub const fn body(mut self, path: &'static str) -> Self {
        self.place = only_place("session token", self.place, Inject::Body(path));
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.login.is_some(),
            "`session_token` does not say how to log in\nhelp: add `login = post(\"/login\", body = {{ user = config.user, password = config.password }})`"
        );
        assert!(
            self.token.is_some(),
            "`session_token` does not say where the answer has the token\nhelp: add `token = \"token\"`, a path of its body"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for SessionToken {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let (Some(login), Some(place)) = (self.login, self.token) else {
            return Err(Error::system("a session has no login"));
        };
        let find = move |response: &Response| place.find(response);
        let login = LoginPlan::new(login.retriever(context)?, context.client(), Box::new(find));
        let prefix = self.prefix.unwrap_or(if self.place.is_none() { "Bearer " } else { "" });
        let place = self.place.unwrap_or(Inject::Header("Authorization"));
        let shown = SessionUse::behind(prefix, Placement::new(place.into(), Collision::Replace));
        let auth = SessionTokenAuth::new(Box::new(login), self.expires_in, shown, context.redactor());
        Ok(Arc::new(auth.renewing_after_refusal()))
    }
}

impl TokenPlace {
    fn find(self, response: &Response) -> Result<Value> {
        let missing = |place: &str| {
            Error::system(format!("the answer to the login has no session token {place}; correct `session_token(…)`"))
        };
        match self {
            Self::Header(name) => {
                let found = response.headers.get(name).and_then(|value| value.to_str().ok());
                found.map(Value::from).ok_or_else(|| missing(&format!("in the header `{name}`")))
            }
            Self::Body(path) => {
                let body: Value = serde_json::from_slice(&response.body)
                    .map_err(|error| Error::system("the answer to the login is not JSON").with_source(error))?;
                let found = path.split('.').try_fold(&body, |value, key| match value {
                    Value::Object(object) => object.get(key),
                    Value::Array(items) => items.get(key.parse::<usize>().ok()?),
                    _ => None,
                });
                let found = found.filter(|token| token.is_string() || token.is_number());
                found.cloned().ok_or_else(|| missing(&format!("at `{path}`")))
            }
        }
    }
}

/// A session token that the user has already, or else a login by name and password. The API is asked whether the
/// configured token is still valid: `legacy_session(header = "X-Session", login_url = "/session", …)`.
#[must_use]
pub const fn legacy_session() -> LegacySession {
    LegacySession {
        header: None,
        username: "",
        password: "",
        session_token: None,
        session_token_response_key: "id",
        login_url: None,
        validate_session_url: None,
    }
}

/// See [`legacy_session`].
#[derive(Clone, Copy, Debug)]
pub struct LegacySession {
    header: Option<&'static str>,
    username: &'static str,
    password: &'static str,
    session_token: Option<&'static str>,
    session_token_response_key: &'static str,
    login_url: Option<&'static str>,
    validate_session_url: Option<&'static str>,
}

setters! { LegacySession
    /// The user's name.
    username: &'static str;
    /// The user's password.
    password: &'static str;
    /// A token to begin with.
    session_token: &'static str => Some;
    /// The key of the token in the answer to the login, `id` unless it is set.
    session_token_response_key: &'static str;
    /// The header that the token goes to.
    header: &'static str => Some [require_header_name];
}

impl LegacySession {
    /// Where to log in: a URL, or a path below the base URL.
    #[must_use]
    #[track_caller]
    pub const fn login_url(mut self, template: &'static str) -> Self {
        super::oauth::require_address("`login_url`", template);
        self.login_url = Some(template);
        self
    }

    /// What answers 401 to a token that is not valid any more: a URL, or a path below the base URL.
    #[must_use]
    #[track_caller]
    pub const fn validate_session_url(mut self, template: &'static str) -> Self {
        super::oauth::require_address("`validate_session_url`", template);
        self.validate_session_url = Some(template);
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.header.is_some(),
            "`legacy_session` does not say where the token goes\nhelp: add `header = \"X-Session\"`"
        );
        assert!(
            self.login_url.is_some(),
            "`legacy_session` does not say where to log in\nhelp: add `login_url = \"/session\"`"
        );
        assert!(
            self.session_token.is_none() || self.validate_session_url.is_some(),
            "`legacy_session` cannot tell whether the configured token is valid\nhelp: add `validate_session_url = \"/user/current\"`"
        );
        self
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for LegacySession {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let url = |template: Option<&'static str>| match template {
            Some(template) => Ok(Setting::fixed(String::from(context.url(template)?))),
            None => Ok(Setting::fixed("")),
        };
        let or_empty = |template: Option<&str>| -> Result<Setting> {
            Ok(context.optional(template)?.unwrap_or_else(|| Setting::fixed("")))
        };
        let settings = Legacy {
            api_url: Setting::fixed(""),
            header: Setting::fixed(self.header.unwrap_or_default()),
            username: or_empty(Some(self.username))?,
            password: or_empty(Some(self.password))?,
            session_token: or_empty(self.session_token)?,
            session_token_response_key: Setting::fixed(self.session_token_response_key),
            login_url: url(self.login_url)?,
            validate_session_url: url(self.validate_session_url)?,
        };
        let auth = LegacySessionAuth::new(settings, Collision::Replace, context.client(), context.redactor());
        Ok(Arc::new(auth.renewing_after_refusal()))
    }
}
