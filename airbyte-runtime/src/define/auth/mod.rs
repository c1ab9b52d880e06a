//! `auth = …`: how a request shows who is asking.
//!
//! | form | sends |
//! |---|---|
//! | [`none()`] | nothing |
//! | [`bearer(config.token)`](bearer) | `Authorization: Bearer …` |
//! | [`api_key(header = "X-Api-Key", value = config.key)`](api_key) | a header, a query parameter, a cookie or a field of the body |
//! | [`basic(username = config.user, password = config.password)`](basic) | `Authorization: Basic …` |
//! | `match config.credentials { Credentials::Key { key } => bearer(key), … }` | what the chosen variant says |
//! | [`oauth(token_url = "…", …)`](oauth) | a bearer token, which is renewed by a refresh token |
//! | [`client_credentials(token_url = "…", …)`](client_credentials) | a bearer token, which is fetched by the client's id and secret |
//! | [`jwt(algorithm = RS256, secret_key = config.key, …)`](jwt) | a JSON web token that is signed here |
//! | [`session_token(login = post("/login", …), token = "token")`](session_token) | the token that a login gives |
//! | [`legacy_session(header = "X-Session", …)`](legacy_session) | a configured session token if it is still valid, or else a login's |
//! | [`multiple_tokens([config.tokens], …)`](multiple_tokens) | one of several tokens, each with a quota |
//! | [`aws_sigv4(service = "s3", …)`](aws_sigv4) | a signature of AWS, version 4 |
//! | [`hmac(secret = config.secret, sign = [METHOD, PATH], …)`](hmac) | a signature by a shared secret |
//! | [`client_certificate(certificate = config.certificate, …)`](client_certificate) | a certificate when a connection is made, and what `auth` inside it says |
//! | [`with(function)`](with) | whatever `fn(&Source, &mut RequestDraft) -> Result<()>` writes |
//!
//! A type of your own that implements [`Authenticator`] stands here as well.

mod certificate;
mod context;
mod jwt;
mod login;
mod oauth;
mod secrets;
mod session;
mod signing;
mod tokens;

use std::sync::Arc;

pub use self::certificate::{ClientCertificate, client_certificate};
pub use self::context::AuthContext;
pub(crate) use self::context::Services;
pub use self::jwt::{Algorithm::*, Jwt, jwt};
pub use self::login::{Login, get, post};
pub use self::oauth::{OAuth, WriteBack, client_credentials, oauth, write_back};
pub(crate) use self::secrets::is_secret;
pub use self::session::{LegacySession, SessionToken, legacy_session, session_token};
pub use self::signing::{AwsSigV4, Encoding::*, Hash::*, Hmac, Signed::*, aws_sigv4, hmac};
pub use self::tokens::{Matcher, MultipleTokens, Quota, matcher, multiple_tokens, quota};
use super::inject::Inject;
use crate::error::Result;
use crate::plan::{self, Authenticator, RequestDraft};

/// What an attribute says of authentication; implemented by the built-in forms and by every [`Authenticator`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an authenticator",
    label = "not an authenticator",
    note = "built-in: `none`, `bearer`, `api_key`, `basic`, `oauth`, `client_credentials`, `jwt`, `session_token`, `legacy_session`, `multiple_tokens`, `aws_sigv4`, `hmac`, `client_certificate`, `with(function)`, `match config.field {{ … }}`",
    note = "a type of your own implements `airbyte_runtime::plan::Authenticator`"
)]
pub trait AuthDef: Sync {
    /// The component that the engine runs, with the configuration filled in.
    ///
    /// # Errors
    /// A value that the configuration lacks is a config error.
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>>;
}

#[diagnostic::do_not_recommend]
impl<A: Authenticator> AuthDef for A {
    fn plan(&'static self, _context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        Ok(Arc::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for super::Component<dyn AuthDef> {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        self.0.plan(context)
    }
}

/// No authentication; the default.
#[must_use]
pub const fn none() -> NoAuth {
    NoAuth
}

/// See [`none`].
#[derive(Clone, Copy, Debug)]
pub struct NoAuth;

impl NoAuth {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for NoAuth {
    fn plan(&'static self, _context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        Ok(Arc::new(plan::auth::NoAuth))
    }
}

/// `Authorization: Bearer …` with a token from the configuration: `bearer(config.token)`.
#[must_use]
pub const fn bearer(token: &'static str) -> Bearer {
    Bearer { token }
}

/// See [`bearer`].
#[derive(Clone, Copy, Debug)]
pub struct Bearer {
    token: &'static str,
}

impl Bearer {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for Bearer {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let token = context.config.render(self.token)?;
        Ok(Arc::new(plan::auth::HeaderValueAuth::new("authorization", &format!("Bearer {token}"))?))
    }
}

/// A key in a header, a query parameter, a cookie or a field of the body: `api_key(header = "X-Api-Key", value = config.key)`.
///
/// `value` may hold more than the key: `value = "Token {config.key}"`.
#[must_use]
pub const fn api_key() -> ApiKey {
    ApiKey { place: None, value: None }
}

/// See [`api_key`].
#[derive(Clone, Copy, Debug)]
pub struct ApiKey {
    place: Option<KeyPlace>,
    value: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
enum KeyPlace {
    Header(&'static str),
    Param(&'static str),
    Cookie(&'static str),
    Body(&'static str),
    Form(&'static str),
}

impl ApiKey {
    /// Sends the key as this header.
    #[must_use]
    #[track_caller]
    pub const fn header(self, name: &'static str) -> Self {
        super::inject::require_header_name(name);
        self.place(KeyPlace::Header(name))
    }

    /// Sends the key as this query parameter, where proxies and logs of the API may keep it.
    #[must_use]
    #[track_caller]
    pub const fn param(self, name: &'static str) -> Self {
        self.place(KeyPlace::Param(name))
    }

    /// Sends the key as this cookie.
    #[must_use]
    #[track_caller]
    pub const fn cookie(self, name: &'static str) -> Self {
        self.place(KeyPlace::Cookie(name))
    }

    /// Sends the key in this field of the JSON body, a dotted path.
    #[must_use]
    #[track_caller]
    pub const fn body(self, path: &'static str) -> Self {
        self.place(KeyPlace::Body(path))
    }

    /// Sends the key in this field of the form body.
    #[must_use]
    #[track_caller]
    pub const fn form(self, name: &'static str) -> Self {
        self.place(KeyPlace::Form(name))
    }

    #[track_caller]
    const fn place(mut self, place: KeyPlace) -> Self {
        assert!(
            self.place.is_none(),
            "`api_key` goes to one place\nhelp: keep one of `header`, `param`, `cookie`, `body`, `form`"
        );
        self.place = Some(place);
        self
    }

    /// What is sent: `config.key`, or a text around it such as `"Token {config.key}"`.
    #[must_use]
    pub const fn value(mut self, template: &'static str) -> Self {
        self.value = Some(template);
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.place.is_some(),
            "`api_key` does not say where the key goes\nhelp: add `header = \"X-Api-Key\"` (or `param`, `cookie`, `body`, `form`)"
        );
        assert!(self.value.is_some(), "`api_key` has no key to send\nhelp: add `value = config.api_key`");
        self
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for ApiKey {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let value = context.config.render(self.value.unwrap_or_default())?;
        Ok(match self.place {
            Some(KeyPlace::Header(name)) => Arc::new(plan::auth::HeaderValueAuth::new(name, &value)?),
            Some(KeyPlace::Param(name)) => Arc::new(plan::auth::ParamAuth { name: name.to_owned(), value }),
            Some(KeyPlace::Cookie(name)) => {
                Arc::new(plan::auth::HeaderValueAuth::new("cookie", &format!("{name}={value}"))?)
            }
            Some(KeyPlace::Body(path)) => Arc::new(plan::auth::PlacedAuth::new(Inject::Body(path), value)),
            Some(KeyPlace::Form(name)) => Arc::new(plan::auth::PlacedAuth::new(Inject::Form(name), value)),
            None => Arc::new(plan::auth::NoAuth),
        })
    }
}

/// HTTP basic authentication: `basic(username = config.user, password = config.password)`.
#[must_use]
pub const fn basic() -> Basic {
    Basic { username: None, password: None }
}

/// See [`basic`].
#[derive(Clone, Copy, Debug)]
pub struct Basic {
    username: Option<&'static str>,
    password: Option<&'static str>,
}

impl Basic {
    /// The user name; some APIs want the key here and no password.
    #[must_use]
    pub const fn username(mut self, template: &'static str) -> Self {
        self.username = Some(template);
        self
    }

    /// The password; empty if it is not set.
    #[must_use]
    pub const fn password(mut self, template: &'static str) -> Self {
        self.password = Some(template);
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(self.username.is_some(), "`basic` has no user name\nhelp: add `username = config.username`");
        self
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for Basic {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let username = context.config.render(self.username.unwrap_or_default())?;
        let password = context.config.render_optional(self.password.unwrap_or_default())?.unwrap_or_default();
        let (credentials, authenticator) = plan::auth::HeaderValueAuth::basic(&username, &password)?;
        // Short secrets inside it would not be recognised.
        context.config.mask(&credentials);
        Ok(Arc::new(authenticator))
    }
}

/// What `match config.credentials { … }` becomes: the authenticator of the chosen variant.
#[must_use]
pub const fn select(path: &'static str, arms: &'static [(&'static str, &'static dyn AuthDef)]) -> Select {
    Select { path, arms }
}

/// See [`select`].
#[derive(Clone, Copy)]
pub struct Select {
    path: &'static str,
    arms: &'static [(&'static str, &'static dyn AuthDef)],
}

#[diagnostic::do_not_recommend]
impl AuthDef for Select {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let chosen = context.config.variant_at(self.path)?;
        let arm = self.arms.iter().find(|(variant, _)| *variant == chosen || *variant == "_");
        match arm {
            Some((_, auth)) => auth.plan(context),
            None => Err(crate::Error::system(format!(
                "`{}` is `{chosen}`, for which no authentication is defined",
                self.path
            ))),
        }
    }
}

/// Authentication by a function: `auth = with(sign)`, where `fn sign(source: &MySource, request: &mut RequestDraft) -> Result<()>`.
#[must_use]
pub const fn with<S>(function: fn(&S, &mut RequestDraft) -> Result<()>) -> AuthFunction<S> {
    AuthFunction { function }
}

/// See [`with`].
#[derive(Clone, Copy, Debug)]
pub struct AuthFunction<S> {
    function: fn(&S, &mut RequestDraft) -> Result<()>,
}

impl<S> AuthFunction<S> {
    /// Ends the definition.
    #[must_use]
    pub const fn build(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static> AuthDef for AuthFunction<S> {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        Ok(Arc::new(plan::auth::FunctionAuth { function: self.function, source: context.config.typed::<S>()? }))
    }
}
