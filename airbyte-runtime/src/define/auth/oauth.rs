//! `oauth(…)` and `client_credentials(…)`: access tokens that a token service gives.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::jwt::{Jwt, signer};
use super::{AuthContext, AuthDef};
use crate::define::inject::require_header_names;
use crate::define::source::starts_with;
use crate::define::value::Map;
use crate::error::Result;
use crate::plan::Authenticator;
use crate::plan::auth::oauth::{OAuth as Plan, OAuthSettings, RefreshTokenUpdater, Refusals};
use crate::plan::auth::placement::Collision;
use crate::plan::auth::setting::{Setting, SettingMapping};
use crate::rules::text::{Text, same};

/// A bearer token that is fetched with a refresh token, kept while it is valid, and renewed when it ends or is refused:
/// `oauth(token_url = "/oauth/token", client_id = config.client_id, client_secret = config.client_secret, refresh_token = config.refresh_token)`.
///
/// Of all requests that wait for a token one fetches it. A token service that refuses the refresh token is a config
/// error that asks the user to authenticate again.
#[must_use]
pub const fn oauth() -> OAuth {
    OAuth::new("oauth", "refresh_token")
}

/// A bearer token that is fetched with the client's id and secret:
/// `client_credentials(token_url = "/oauth/token", client_id = config.client_id, client_secret = config.client_secret)`.
///
/// The same as [`oauth`] with `grant_type = "client_credentials"`.
#[must_use]
pub const fn client_credentials() -> OAuth {
    OAuth::new("client_credentials", "client_credentials")
}

/// See [`oauth`].
#[derive(Clone, Copy, Debug)]
pub struct OAuth {
    component: &'static str,
    token_url: Option<&'static str>,
    client_id: Option<&'static str>,
    client_secret: Option<&'static str>,
    refresh_token: Option<&'static str>,
    grant_type: &'static str,
    scopes: &'static [&'static str],
    access_token_value: Option<&'static str>,
    token_expiry_date: Option<&'static str>,
    access_token_name: &'static str,
    expires_in_name: &'static str,
    refresh_token_name: &'static str,
    client_id_name: &'static str,
    client_secret_name: &'static str,
    grant_type_name: &'static str,
    expires_in_is_a_date: bool,
    refresh_request_body: Map,
    refresh_request_headers: Map,
    send_refresh_request_as_query_params: bool,
    send_client_as_basic_auth: bool,
    refresh_token_error_status_codes: &'static [u16],
    refresh_token_error_key: &'static str,
    refresh_token_error_values: &'static [&'static str],
    single_use: Option<WriteBack>,
    profile_assertion: Option<Jwt>,
}

setters! { OAuth
    /// The client's id.
    client_id: &'static str => Some;
    /// The client's secret.
    client_secret: &'static str => Some;
    /// What new access tokens are fetched with.
    refresh_token: &'static str => Some;
    /// What the token service is asked by, in place of the component's own grant type.
    grant_type: &'static str;
    /// The scopes to ask for; they are sent as `scope`, separated by blanks, as RFC 6749 wants it.
    scopes: &'static [&'static str];
    /// An access token to begin with. Without `token_url` it is used for ever.
    access_token_value: &'static str => Some;
    /// When `access_token_value` ends, as ISO 8601 or in epoch seconds; without it, it has ended.
    token_expiry_date: &'static str => Some;
    /// The name of the access token in the answer, `access_token` unless it is set.
    access_token_name: &'static str;
    /// The name of the token's lifetime in the answer, `expires_in` unless it is set. Without one a token lives an hour.
    expires_in_name: &'static str;
    /// The name of the refresh token in the request and the answer, `refresh_token` unless it is set.
    refresh_token_name: &'static str;
    /// The name of the client's id in the request, `client_id` unless it is set.
    client_id_name: &'static str;
    /// The name of the client's secret in the request, `client_secret` unless it is set.
    client_secret_name: &'static str;
    /// The name of the grant type in the request, `grant_type` unless it is set.
    grant_type_name: &'static str;
    /// Whether the answer holds the date at which the token ends, not the seconds until then.
    expires_in_is_a_date: bool;
    /// Further fields of the request.
    refresh_request_body: Map;
    /// Whether the request carries its fields as query parameters, not as a form.
    send_refresh_request_as_query_params: bool;
    /// Whether the client's id and secret go into `Authorization: Basic …`, not into the form.
    send_client_as_basic_auth: bool;
    /// The statuses of an answer that may refuse the refresh token for good, `[400]` unless it is set.
    refresh_token_error_status_codes: &'static [u16];
    /// The field of such an answer that says why, `error` unless it is set.
    refresh_token_error_key: &'static str;
    /// Its values that mean that the user has to authenticate again, `["invalid_grant", "invalid_permissions"]` unless it is set.
    refresh_token_error_values: &'static [&'static str];
    /// Each refresh token can be used once: new tokens are stored in these config fields, and told to the platform
    /// before their first use.
    single_use: WriteBack => Some;
    /// A token of its own that is signed here and shown in place of the client's secret (RFC 7523).
    profile_assertion: Jwt => Some;
    /// Headers of the request.
    refresh_request_headers: Map [require_header_names];
}

impl OAuth {
    const fn new(component: &'static str, grant_type: &'static str) -> Self {
        Self {
            component,
            token_url: None,
            client_id: None,
            client_secret: None,
            refresh_token: None,
            grant_type,
            scopes: &[],
            access_token_value: None,
            token_expiry_date: None,
            access_token_name: "access_token",
            expires_in_name: "expires_in",
            refresh_token_name: "refresh_token",
            client_id_name: "client_id",
            client_secret_name: "client_secret",
            grant_type_name: "grant_type",
            expires_in_is_a_date: false,
            refresh_request_body: &[],
            refresh_request_headers: &[],
            send_refresh_request_as_query_params: false,
            send_client_as_basic_auth: false,
            refresh_token_error_status_codes: &[400],
            refresh_token_error_key: "error",
            refresh_token_error_values: &["invalid_grant", "invalid_permissions"],
            single_use: None,
            profile_assertion: None,
        }
    }

    /// Where tokens are fetched: a URL, or a path below the base URL.
    #[must_use]
    #[track_caller]
    pub const fn token_url(mut self, template: &'static str) -> Self {
        require_address("`token_url`", template);
        self.token_url = Some(template);
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        if self.token_url.is_none() {
            if self.access_token_value.is_none() {
                self.refuse(" does not say where tokens are fetched\nhelp: add `token_url = \"/oauth/token\"`");
            }
            if self.refresh_token.is_some() {
                self.refuse(
                    " has a `refresh_token`, but does not say where it is used\nhelp: add `token_url = \"/oauth/token\"`",
                );
            }
            return self;
        }
        self.require_client();
        if same(self.grant_type, "refresh_token") && self.refresh_token.is_none() && self.profile_assertion.is_none() {
            self.refuse(
                " has no refresh token\nhelp: add `refresh_token = config.refresh_token`, or use `client_credentials(…)`",
            );
        }
        if self.refresh_token.is_some() && !same(self.grant_type, "refresh_token") {
            self.refuse(
                " has a `refresh_token`, which its grant type does not use\nhelp: remove it, or use `oauth(…)` without `grant_type`",
            );
        }
        if self.token_expiry_date.is_some() && self.access_token_value.is_none() {
            self.refuse(
                " has a `token_expiry_date` without a token\nhelp: add `access_token_value = config.access_token`, or remove it",
            );
        }
        if let Some(write_back) = self.single_use {
            if self.access_token_value.is_some() {
                self.refuse(
                    " has an `access_token_value`, and `single_use` with a field for it\nhelp: keep `single_use`, which reads the token from that field",
                );
            }
            match self.refresh_token {
                Some(refresh_token) if is_field(refresh_token) && write_back.access_token.is_some() => {}
                _ => self.refuse(
                    " stores refresh tokens, but `refresh_token` is not one config field\nhelp: write `refresh_token = config.refresh_token`",
                ),
            }
        }
        self
    }

    #[track_caller]
    const fn require_client(&self) {
        if self.profile_assertion.is_some() {
            if self.client_secret.is_some() {
                self.refuse(
                    " has a `client_secret` and a `profile_assertion`, which takes its place\nhelp: keep one of them",
                );
            }
            return;
        }
        if self.client_id.is_none() && !has_authorization(self.refresh_request_headers) {
            self.refuse(" does not say which client asks\nhelp: add `client_id = config.client_id`");
        }
        if self.send_client_as_basic_auth && has_authorization(self.refresh_request_headers) {
            self.refuse(
                " sets `Authorization` of its request twice\nhelp: keep `send_client_as_basic_auth` or the header",
            );
        }
        if same(self.grant_type, "client_credentials")
            && self.client_secret.is_none()
            && !has_authorization(self.refresh_request_headers)
        {
            self.refuse(" has no client secret\nhelp: add `client_secret = config.client_secret`");
        }
    }

    #[track_caller]
    const fn refuse(&self, what: &str) -> ! {
        panic!("{}", Text::new().push("`").push(self.component).push("`").push(what).as_str())
    }

    fn settings(&self, context: &AuthContext<'_>) -> Result<OAuthSettings> {
        let client_id = self.client_id.map(|template| context.config.render(template)).transpose()?;
        let client_secret = context.optional(self.client_secret)?;
        let mut body = context.config.entries(self.refresh_request_body)?;
        if !self.scopes.is_empty() {
            body.push(("scope".to_owned(), self.scopes.join(" ").into()));
        }
        let mut headers = context.config.entries(self.refresh_request_headers)?;
        if self.send_client_as_basic_auth {
            let secret = self.client_secret.map(|template| context.config.render(template)).transpose()?;
            let pair = format!("{}:{}", client_id.as_deref().unwrap_or_default(), secret.unwrap_or_default());
            let credentials = STANDARD.encode(pair);
            context.config.mask(&credentials);
            headers.push(("Authorization".to_owned(), format!("Basic {credentials}").into()));
        }
        Ok(OAuthSettings {
            token_refresh_endpoint: match self.token_url {
                Some(url) => Some(Setting::fixed(String::from(context.url(url)?))),
                None => None,
            },
            client_id_name: Setting::fixed(self.client_id_name),
            client_id: Some(Setting::fixed(client_id.unwrap_or_default())),
            client_secret_name: Setting::fixed(self.client_secret_name),
            // A public client has none.
            client_secret: Some(client_secret.unwrap_or_else(|| Setting::fixed(serde_json::Value::Null))),
            refresh_token_name: Setting::fixed(self.refresh_token_name),
            refresh_token: match (self.refresh_token, self.single_use) {
                (Some(template), None) => Some(context.setting(template)?),
                _ => None,
            },
            access_token_name: Setting::fixed(self.access_token_name),
            access_token_value: context.optional(self.access_token_value)?,
            expires_in_name: Setting::fixed(self.expires_in_name),
            grant_type_name: Setting::fixed(self.grant_type_name),
            grant_type: Setting::fixed(self.grant_type),
            scopes: Vec::new(),
            refresh_request_body: SettingMapping::Fixed(body),
            refresh_request_headers: SettingMapping::Fixed(headers),
            send_refresh_request_as_query_params: self.send_refresh_request_as_query_params,
            token_expiry_date: context.optional(self.token_expiry_date)?,
            expires_in_is_a_date: self.expires_in_is_a_date,
            profile_assertion: match &self.profile_assertion {
                Some(jwt) => Some(Arc::new(signer(jwt, context)?)),
                None => None,
            },
            refusals: Refusals {
                status_codes: self.refresh_token_error_status_codes.to_vec(),
                key: self.refresh_token_error_key.to_owned(),
                values: self.refresh_token_error_values.iter().map(|value| (*value).to_owned()).collect(),
            },
            renews_after_refusal: true,
            fetches_expired_twice: false,
        })
    }
}

#[diagnostic::do_not_recommend]
impl AuthDef for OAuth {
    fn plan(&'static self, context: &AuthContext<'_>) -> Result<Arc<dyn Authenticator>> {
        let updater = match (self.single_use, self.refresh_token) {
            (Some(write_back), Some(refresh_token)) => Some(write_back.plan(refresh_token, self, context)?),
            _ => None,
        };
        let (client, redactor) = (context.client(), context.redactor());
        Ok(Arc::new(Plan::new(self.settings(context)?, updater, Collision::Replace, client, redactor)?))
    }
}

/// Where the tokens are stored that come with a refresh token for one use:
/// `single_use = write_back(access_token = config.access_token, token_expiry_date = config.token_expiry_date)`.
///
/// The new refresh token goes into the field that `refresh_token` names.
#[must_use]
pub const fn write_back() -> WriteBack {
    WriteBack { access_token: None, token_expiry_date: None }
}

/// See [`write_back`].
#[derive(Clone, Copy, Debug)]
pub struct WriteBack {
    access_token: Option<&'static str>,
    token_expiry_date: Option<&'static str>,
}

impl WriteBack {
    /// The field for the access token, an `Option<Secret>` as a rule.
    #[must_use]
    #[track_caller]
    pub const fn access_token(mut self, field: &'static str) -> Self {
        require_field("access_token", field);
        self.access_token = Some(field);
        self
    }

    /// The field for the time at which the access token ends, an `Option<String>` as a rule.
    #[must_use]
    #[track_caller]
    pub const fn token_expiry_date(mut self, field: &'static str) -> Self {
        require_field("token_expiry_date", field);
        self.token_expiry_date = Some(field);
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.access_token.is_some() && self.token_expiry_date.is_some(),
            "`write_back` names too few config fields\nhelp: write `write_back(access_token = config.access_token, token_expiry_date = config.token_expiry_date)`"
        );
        self
    }

    fn plan(self, refresh_token: &str, oauth: &OAuth, context: &AuthContext<'_>) -> Result<RefreshTokenUpdater> {
        Ok(RefreshTokenUpdater {
            store: Arc::clone(&context.services.store),
            refresh_token_name: oauth.refresh_token_name.to_owned(),
            access_token_path: context.path(self.access_token.unwrap_or_default())?,
            refresh_token_path: context.path(refresh_token)?,
            token_expiry_date_path: context.path(self.token_expiry_date.unwrap_or_default())?,
            prefers_stored_client: false,
        })
    }
}

/// Refuses an address that is neither a URL nor a path below the base URL, while compiling.
#[track_caller]
pub(super) const fn require_address(argument: &str, template: &str) {
    let bytes = template.as_bytes();
    let is_absolute =
        starts_with(bytes, b"https://") || starts_with(bytes, b"http://") || starts_with(bytes, b"{config.");
    if !is_absolute && !starts_with(bytes, b"/") {
        let text = Text::new()
            .push(argument)
            .push(" is neither a URL nor a path: \"")
            .push(template)
            .push("\"\nhelp: begin it with `https://`, or with `/` if it is below the base URL");
        panic!("{}", text.as_str());
    }
}

#[track_caller]
const fn require_field(argument: &str, template: &str) {
    if !is_field(template) {
        let text = Text::new()
            .push("`")
            .push(argument)
            .push("` is not a config field, so nothing can be stored in it\nhelp: write `")
            .push(argument)
            .push(" = config.")
            .push(argument)
            .push("`");
        panic!("{}", text.as_str());
    }
}

/// Whether a template is a config field and nothing else.
const fn is_field(template: &str) -> bool {
    let bytes = template.as_bytes();
    if !starts_with(bytes, b"{config.") {
        return false;
    }
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == b'}' {
            return at + 1 == bytes.len();
        }
        at += 1;
    }
    false
}

const fn has_authorization(headers: Map) -> bool {
    let mut at = 0;
    while at < headers.len() {
        if headers[at].0.eq_ignore_ascii_case("authorization") {
            return true;
        }
        at += 1;
    }
    false
}
