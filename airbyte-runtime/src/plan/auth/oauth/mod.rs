//! OAuth 2: access tokens that are fetched, kept while they are valid, and fetched again.

mod answer;
mod expiry;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod refresh;
mod store;

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::LocalBoxFuture;

pub(crate) use self::answer::Refusals;
use self::answer::TokenAnswer;
pub(super) use self::expiry::parse_date;
use self::expiry::{is_past, may_be_past};
pub(crate) use self::store::ConfigStore;
use super::Authenticator;
use super::flight::SingleFlight;
use super::jwt::JwtSigner;
use super::placement::{Collision, Placement};
use super::setting::{Setting, SettingMapping};
use crate::config::Redactor;
use crate::error::{Error, Result};
use crate::http::HttpClient;
use crate::placeholder::as_text;
use crate::plan::request::RequestDraft;
use crate::time::Moment;

/// What is said about the tokens, with the defaults filled in. Templates see the configuration only.
pub(crate) struct OAuthSettings {
    /// Where tokens are fetched; without it, `access_token_value` is used for ever.
    pub(crate) token_refresh_endpoint: Option<Setting>,
    pub(crate) client_id_name: Setting,
    pub(crate) client_id: Option<Setting>,
    pub(crate) client_secret_name: Setting,
    pub(crate) client_secret: Option<Setting>,
    pub(crate) refresh_token_name: Setting,
    pub(crate) refresh_token: Option<Setting>,
    pub(crate) access_token_name: Setting,
    pub(crate) access_token_value: Option<Setting>,
    pub(crate) expires_in_name: Setting,
    pub(crate) grant_type_name: Setting,
    /// Not looked at with a profile assertion, which has a grant type of its own.
    pub(crate) grant_type: Setting,
    pub(crate) scopes: Vec<String>,
    pub(crate) refresh_request_body: SettingMapping,
    pub(crate) refresh_request_headers: SettingMapping,
    pub(crate) send_refresh_request_as_query_params: bool,
    /// When `access_token_value` ends.
    pub(crate) token_expiry_date: Option<Setting>,
    /// Whether the answer holds the date of the end, not the seconds until then: `token_expiry_date_format` is set.
    pub(crate) expires_in_is_a_date: bool,
    /// Signs the assertion, if the manifest uses one.
    pub(crate) profile_assertion: Option<Arc<JwtSigner>>,
    pub(crate) refusals: Refusals,
    /// Whether a token that the API refuses is replaced, and the request sent again, without an error handler that says so.
    pub(crate) renews_after_refusal: bool,
    /// Whether a token that is over as soon as it comes is fetched once more, as the Python CDK does it.
    pub(crate) fetches_expired_twice: bool,
}

#[cfg(feature = "manifest")]
impl OAuthSettings {
    /// What a manifest has to say, whatever it is needed for.
    ///
    /// # Errors
    /// A client id, a client secret or a refresh token that the manifest lacks are system errors.
    pub(crate) fn require_complete(&self) -> Result<()> {
        let has_client = self.client_id.is_some() && self.client_secret.is_some();
        if self.profile_assertion.is_some() {
            return Ok(());
        }
        if !has_client {
            return Err(Error::system(
                "the OAuthAuthenticator needs `client_id` and `client_secret`; set both, or use a profile assertion",
            ));
        }
        if self.refresh_token.is_none() && self.grant_type.text()? == "refresh_token" {
            return Err(Error::system(
                "the OAuthAuthenticator needs `refresh_token` for the grant type `refresh_token`; set it, or another \
                 `grant_type`",
            ));
        }
        Ok(())
    }
}

/// For refresh tokens that can be used once: where the tokens stand in the configuration.
pub(crate) struct RefreshTokenUpdater {
    pub(crate) store: Arc<ConfigStore>,
    /// The name of the new refresh token in the answer.
    pub(crate) refresh_token_name: String,
    pub(crate) access_token_path: Vec<String>,
    pub(crate) refresh_token_path: Vec<String>,
    pub(crate) token_expiry_date_path: Vec<String>,
    /// Whether `credentials.client_id` and `credentials.client_secret` of the configuration come before the settings.
    pub(crate) prefers_stored_client: bool,
}

/// Shows an access token in `Authorization: Bearer …`, and fetches one when there is none or it has expired.
pub(crate) struct OAuth {
    tokens: Arc<Tokens>,
    placement: Placement,
}

/// Where the tokens are from. An exchange of tokens keeps it, whatever becomes of the request that began it.
struct Tokens {
    settings: OAuthSettings,
    updater: Option<RefreshTokenUpdater>,
    client: HttpClient,
    redactor: Redactor,
    refreshes: SingleFlight,
    held: Mutex<Held>,
}

/// A token as it is known at a moment.
#[derive(Clone, Debug, Default)]
struct Held {
    token: Option<String>,
    /// `None` is the past.
    expires: Option<Moment>,
}

impl Held {
    fn valid(self) -> Option<String> {
        self.token.filter(|_| !is_past(self.expires))
    }
}

impl OAuth {
    /// # Errors
    /// A date that cannot be read is a system error.
    pub(crate) fn new(
        settings: OAuthSettings,
        updater: Option<RefreshTokenUpdater>,
        collision: Collision,
        client: HttpClient,
        redactor: Redactor,
    ) -> Result<Self> {
        let value =
            settings.access_token_value.as_ref().map(Setting::text).transpose()?.filter(|token| !token.is_empty());
        let expires =
            settings.token_expiry_date.as_ref().map(Setting::text).transpose()?.filter(|date| !date.is_empty());
        let expires = expires.map(|date| {
            parse_date(&date).ok_or_else(|| {
                Error::system(format!("`token_expiry_date` is `{date}`, which is not a date; write it as ISO 8601"))
            })
        });
        if let Some(token) = &value {
            redactor.add(token);
        }
        let held = Held { token: value, expires: expires.transpose()? };
        let placement = Placement::authorization(collision);
        // All of a run share it, since they may share a refresh token.
        let refreshes = SingleFlight::new(Arc::clone(&client.exchange));
        let tokens = Tokens { settings, updater, client, redactor, refreshes, held: Mutex::new(held) };
        Ok(Self { tokens: Arc::new(tokens), placement })
    }
}

impl Tokens {
    async fn token(self: &Arc<Self>) -> Result<String> {
        if self.settings.token_refresh_endpoint.is_none() {
            return self.held().token.ok_or_else(|| {
                Error::system("there is no access token and no `token_refresh_endpoint` to fetch one from; set either")
            });
        }
        if let Some(token) = self.held().valid() {
            return Ok(token);
        }
        // A token that came while this request waited is used, however short its life.
        let known = |waited| if waited { self.held().token } else { self.held().valid() };
        let tokens = Arc::clone(self);
        let fetch = async move {
            match tokens.fetch().await {
                Ok(_) if tokens.settings.fetches_expired_twice && tokens.held().valid().is_none() => {
                    tokens.fetch().await
                }
                fetched => fetched,
            }
        };
        self.refreshes.join(known, fetch).await
    }

    /// Fetches a new token unless the token is another than `refused` by now.
    async fn renew(self: &Arc<Self>, refused: Option<String>) -> Result<()> {
        if self.settings.token_refresh_endpoint.is_none() {
            return Ok(());
        }
        let known = |_| (self.held().token != refused).then_some(());
        let tokens = Arc::clone(self);
        self.refreshes.join(known, async move { tokens.fetch().await.map(drop) }).await
    }

    /// Fetches a token and keeps it.
    async fn fetch(&self) -> Result<String> {
        let body = self.request_token().await?;
        let answer = TokenAnswer::new(&body);
        let name = self.settings.access_token_name.text()?;
        let token = answer.token(&name)?;
        self.redactor.add_obtained(&token);
        let told = answer.expiry(&self.settings.expires_in_name.text()?, self.settings.expires_in_is_a_date);
        let expires = told.as_ref().ok().copied().flatten();
        let expires = expires.or_else(|| self.held().expires.filter(|known| !is_past(Some(*known))));
        let expires = expires.or_else(expiry::default);
        if let Some(updater) = &self.updater {
            let refresh_token = answer.optional(&updater.refresh_token_name);
            if let Some(refresh_token) = &refresh_token {
                self.redactor.add_obtained(&as_text(refresh_token));
            }
            updater.store(&token, refresh_token, expires).await?;
        }
        // Only now: the refresh token that was sent may be worth nothing any more.
        told?;
        let held = Held { token: Some(token.clone()), expires };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
        Ok(token)
    }

    /// The token as it stands in the configuration, or here.
    fn held(&self) -> Held {
        match &self.updater {
            None => self.held.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Some(updater) => updater.known(),
        }
    }
}

impl Authenticator for OAuth {
    fn authenticate<'a>(&'a self, request: &'a mut RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let token = self.tokens.token().await?;
            self.tokens.redactor.add_obtained(&token);
            self.placement.write(request, &format!("Bearer {token}"))
        })
    }

    fn is_ready(&self) -> bool {
        self.tokens.settings.token_refresh_endpoint.is_none() || self.tokens.held().valid().is_some()
    }

    fn refresh<'a>(&'a self, refused: &'a RequestDraft) -> LocalBoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let token = self.tokens.held().token;
            let shown = token.as_ref().map(|token| format!("Bearer {token}"));
            match self.placement.read(refused) {
                Some(sent) if Some(sent) != shown.as_deref() => Ok(()),
                _ => self.tokens.renew(token).await,
            }
        })
    }

    fn renews(&self) -> bool {
        self.tokens.settings.token_refresh_endpoint.is_some()
    }

    fn renews_after_refusal(&self) -> bool {
        self.tokens.settings.renews_after_refusal && self.renews()
    }

    fn has_ended(&self, refused: &RequestDraft) -> bool {
        let held = self.tokens.held();
        let shown = held.token.map(|token| format!("Bearer {token}"));
        self.renews() && (may_be_past(held.expires) || self.placement.read(refused) != shown.as_deref())
    }
}

impl RefreshTokenUpdater {
    /// The access token and its end, as the configuration has them.
    fn known(&self) -> Held {
        let token = self.store.get(&self.access_token_path).map(|token| as_text(&token).into_owned());
        let expires = self.store.get(&self.token_expiry_date_path);
        Held {
            token: token.filter(|token| !token.is_empty()),
            expires: expires.and_then(|date| parse_date(&as_text(&date))),
        }
    }

    /// Writes new tokens into the configuration and tells the platform, before anyone uses them.
    async fn store(
        &self,
        token: &str,
        refresh_token: Option<serde_json::Value>,
        expires: Option<Moment>,
    ) -> Result<()> {
        let mut changes = vec![(self.access_token_path.as_slice(), token.into())];
        if let Some(refresh_token) = refresh_token {
            changes.push((self.refresh_token_path.as_slice(), refresh_token));
        }
        if let Some(expires) = expires {
            changes.push((self.token_expiry_date_path.as_slice(), expiry::iso(expires).into()));
        }
        self.store.update(changes).await
    }
}

#[cfg(all(test, feature = "testing", feature = "manifest"))]
mod tests;
