//! `auth = …`: how a request shows who is asking.
//!
//! | form | sends |
//! |---|---|
//! | [`none()`] | nothing |
//! | [`bearer(config.token)`](bearer) | `Authorization: Bearer …` |
//! | [`api_key(header = "X-Api-Key", value = config.key)`](api_key) | a header, query parameter or cookie |
//! | [`basic(username = config.user, password = config.password)`](basic) | `Authorization: Basic …` |
//! | `match config.credentials { Credentials::Key { key } => bearer(key), … }` | what the chosen variant says |
//! | [`with(function)`](with) | whatever `fn(&Source, &mut RequestDraft) -> Result<()>` writes |
//!
//! A type of your own that implements [`Authenticator`] stands here as well.

use std::sync::Arc;

use crate::config::Config;
use crate::error::Result;
use crate::plan::{self, Authenticator, RequestDraft};

/// What an attribute says of authentication; implemented by the built-in forms and by every [`Authenticator`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an authenticator",
    label = "not an authenticator",
    note = "built-in: `none`, `bearer`, `api_key`, `basic`, `with(function)`, `match config.field {{ … }}`",
    note = "a type of your own implements `airbyte_runtime::plan::Authenticator`"
)]
pub trait AuthDef: Sync {
    /// The component that the engine runs, with the configuration filled in.
    ///
    /// # Errors
    /// A value that the configuration lacks is a config error.
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn Authenticator>>;
}

#[diagnostic::do_not_recommend]
impl<A: Authenticator> AuthDef for A {
    fn plan(&'static self, _config: &Config) -> Result<Arc<dyn Authenticator>> {
        Ok(Arc::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for super::Component<dyn AuthDef> {
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn Authenticator>> {
        self.0.plan(config)
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
    fn plan(&'static self, _config: &Config) -> Result<Arc<dyn Authenticator>> {
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
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn Authenticator>> {
        let token = config.render(self.token)?;
        Ok(Arc::new(plan::auth::HeaderValueAuth::new("authorization", &format!("Bearer {token}"))?))
    }
}

/// A key in a header, a query parameter or a cookie: `api_key(header = "X-Api-Key", value = config.key)`.
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

    #[track_caller]
    const fn place(mut self, place: KeyPlace) -> Self {
        assert!(self.place.is_none(), "`api_key` goes to one place\nhelp: keep one of `header`, `param`, `cookie`");
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
            "`api_key` does not say where the key goes\nhelp: add `header = \"X-Api-Key\"` (or `param`, `cookie`)"
        );
        assert!(self.value.is_some(), "`api_key` has no key to send\nhelp: add `value = config.api_key`");
        self
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for ApiKey {
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn Authenticator>> {
        let value = config.render(self.value.unwrap_or_default())?;
        Ok(match self.place {
            Some(KeyPlace::Header(name)) => Arc::new(plan::auth::HeaderValueAuth::new(name, &value)?),
            Some(KeyPlace::Param(name)) => Arc::new(plan::auth::ParamAuth { name: name.to_owned(), value }),
            Some(KeyPlace::Cookie(name)) => {
                Arc::new(plan::auth::HeaderValueAuth::new("cookie", &format!("{name}={value}"))?)
            }
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
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn Authenticator>> {
        let username = config.render(self.username.unwrap_or_default())?;
        let password = config.render_optional(self.password.unwrap_or_default())?.unwrap_or_default();
        let (credentials, authenticator) = plan::auth::HeaderValueAuth::basic(&username, &password)?;
        // Short secrets inside it would not be recognised.
        config.mask(&credentials);
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
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn Authenticator>> {
        let chosen = config.variant_at(self.path)?;
        let arm = self.arms.iter().find(|(variant, _)| *variant == chosen || *variant == "_");
        match arm {
            Some((_, auth)) => auth.plan(config),
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
    fn plan(&'static self, config: &Config) -> Result<Arc<dyn Authenticator>> {
        Ok(Arc::new(plan::auth::FunctionAuth { function: self.function, source: config.typed::<S>()? }))
    }
}
