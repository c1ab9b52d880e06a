//! Authenticators of a manifest.

use std::sync::Arc;

use serde_json::Value;

use airbyte_manifest::Node;
use airbyte_manifest::model::{
    ApiKeyAuthenticator, Authenticator as Model, HttpRequester, JwtAlgorithm, JwtAuthenticator,
    LegacySessionTokenAuthenticator, OAuthAuthenticator, SelectiveAuthenticator, SessionTokenAuthenticator,
    SessionTokenRequestAuthenticator, Text, TokenDecoder,
};

use super::home::Provenance;
use super::lowering::Lowering;
use super::page_policy::refuse_page_actions;
use crate::error::{Error, Result};
use crate::http::Response;
use crate::jinja::{Parameters, Scope, json_loads};
use crate::plan::auth::jwt::{Algorithm, JwtAuth, JwtSettings, JwtSigner};
use crate::plan::auth::legacy_session::{LegacySession, LegacySessionAuth};
use crate::plan::auth::login::Login;
use crate::plan::auth::mapping::{MappedValue, TemplateMapping};
use crate::plan::auth::oauth::{OAuth, OAuthSettings, RefreshTokenUpdater, Refusals};
use crate::plan::auth::placement::{Collision, Placement};
use crate::plan::auth::session::{SessionTokenAuth, SessionUse};
use crate::plan::auth::setting::{Setting, SettingMapping};
use crate::plan::auth::token::{ApiKeyAuth, BasicAuth, BearerAuth};
use crate::plan::auth::{NoAuth, selective};
use crate::plan::decoder::{Body, Decoder};
use crate::plan::dpath::Dpath;
use crate::plan::request::Inject;
use crate::plan::{Authenticator, HttpRetriever};

/// What an authenticator has to know of the requester that it belongs to.
pub(super) struct Requested<'r> {
    /// The names of its headers, as they are written.
    pub(super) headers: &'r [String],
    /// Its base address.
    pub(super) address: Option<&'r Text>,
}

impl Requested<'_> {
    /// A header that the requester spells differently is replaced; one that it spells alike is a mistake.
    fn collision(&self, header: &str) -> Collision {
        let alike = self.headers.iter().any(|name| name == header);
        let differently = self.headers.iter().any(|name| name.eq_ignore_ascii_case(header));
        if differently && !alike { Collision::Replace } else { Collision::Refuse }
    }

    pub(super) fn placement(&self, place: Inject) -> Placement {
        let collision = match &place {
            Inject::Header(name) => self.collision(name),
            _ => Collision::Refuse,
        };
        Placement::new(place, collision)
    }
}

impl Lowering<'_> {
    /// The authenticator of a requester.
    ///
    /// # Errors
    /// Settings that contradict each other, or that the configuration lacks.
    pub(super) fn authenticator(
        &self,
        model: Option<&Model>,
        requested: &Requested<'_>,
    ) -> Result<Arc<dyn Authenticator>> {
        let authorization = requested.collision("Authorization");
        Ok(match model {
            None | Some(Model::NoAuth(_)) => Arc::new(NoAuth),
            Some(Model::ApiKeyAuthenticator(model)) => Arc::new(self.api_key(model, requested)?),
            Some(Model::BearerAuthenticator(model)) => {
                let token = self.template(&model.api_token, &model.parameters());
                Arc::new(BearerAuth::new(token, authorization, self.redactor.clone()))
            }
            Some(Model::BasicHttpAuthenticator(model)) => {
                let parameters = model.parameters();
                let (username, password) =
                    (self.template(&model.username, &parameters), self.template(&model.password, &parameters));
                Arc::new(BasicAuth::new(username, password, authorization, self.redactor.clone()))
            }
            Some(Model::SelectiveAuthenticator(model)) => self.selective(model, requested)?,
            Some(Model::OAuthAuthenticator(model)) => {
                Arc::new(self.oauth(model, authorization).map_err(|error| self.place(error, model.at))?)
            }
            Some(Model::JwtAuthenticator(model)) => {
                let place = match &model.request_option {
                    Some(option) => self.inject(option, &model.parameters())?,
                    None => Inject::Header("Authorization".to_owned()),
                };
                Arc::new(JwtAuth::new(Arc::new(self.jwt(model)?), requested.placement(place)))
            }
            Some(Model::SessionTokenAuthenticator(model)) => Arc::new(self.session(model, requested)?),
            Some(Model::LegacySessionTokenAuthenticator(model)) => Arc::new(self.legacy_session(model, requested)?),
            Some(Model::RateLimitedMultipleTokenAuthenticator(model)) => self.shared_tokens(model)?,
            Some(Model::AwsSigV4Authenticator(model)) => Arc::new(self.aws_sigv4(model)),
            Some(Model::HmacAuthenticator(model)) => Arc::new(self.hmac(model, requested)?),
            Some(Model::ClientCertificateAuthenticator(model)) => self.client_certificate(model, requested)?,
            Some(Model::CustomAuthenticator(custom)) => self.registry.make_authenticator(custom, self.config)?,
        })
    }

    fn api_key(&self, model: &ApiKeyAuthenticator, requested: &Requested<'_>) -> Result<ApiKeyAuth> {
        let parameters = model.parameters();
        let place = match (&model.inject_into, &model.header) {
            (Some(option), None) => self.inject(option, &parameters)?,
            (None, Some(header)) => Inject::Header(self.text(header, &parameters)?),
            (Some(_), Some(_)) => {
                return Err(Error::system("an ApiKeyAuthenticator has `inject_into` and `header`; keep one of them"));
            }
            (None, None) => return Err(Error::system("an ApiKeyAuthenticator needs `inject_into`")),
        };
        let token = match &model.api_token {
            Some(token) => self.template(token, &parameters),
            None => self.compile("", &parameters),
        };
        Ok(ApiKeyAuth::new(token, requested.placement(place), self.redactor.clone()))
    }

    fn selective(&self, model: &SelectiveAuthenticator, requested: &Requested<'_>) -> Result<Arc<dyn Authenticator>> {
        let mut authenticators = Vec::with_capacity(model.authenticators.0.len());
        for (name, authenticator) in &model.authenticators.0 {
            authenticators.push((name.clone(), self.authenticator(Some(authenticator), requested)?));
        }
        let path: Vec<String> = model.authenticator_selection_path.iter().map(|text| text.text.clone()).collect();
        selective::select(self.config, &path, &authenticators)
    }

    fn oauth(&self, model: &OAuthAuthenticator, collision: Collision) -> Result<OAuth> {
        let own = model.parameters();
        let template = |text: &Text| Setting::template(self.template(text, &own));
        let optional = |text: &Option<Text>| self.optional(text.as_ref(), &own).map(Setting::template);
        let updater = model.refresh_token_updater.as_ref();
        let defaults = Refusals::default();
        let own_codes = &model.refresh_token_error_status_codes;
        let codes = match (own_codes.is_empty(), updater) {
            (true, Some(updater)) => &updater.refresh_token_error_status_codes,
            _ => own_codes,
        };
        let own_values = &model.refresh_token_error_values;
        let values = match (own_values.is_empty(), updater) {
            (true, Some(updater)) => &updater.refresh_token_error_values,
            _ => own_values,
        };
        let key = model.refresh_token_error_key.as_ref().or(updater.map(|updater| &updater.refresh_token_error_key));
        let refusals = Refusals {
            status_codes: match codes.is_empty() {
                true => defaults.status_codes,
                false => codes.iter().filter_map(|code| u16::try_from(*code).ok()).collect(),
            },
            key: key.map(|key| key.text.clone()).filter(|key| !key.is_empty()).unwrap_or(defaults.key),
            values: match values.is_empty() {
                true => defaults.values,
                false => values.iter().map(|value| value.text.clone()).collect(),
            },
        };
        let settings = OAuthSettings {
            token_refresh_endpoint: optional(&model.token_refresh_endpoint),
            client_id_name: template(&model.client_id_name),
            client_id: optional(&model.client_id),
            client_secret_name: template(&model.client_secret_name),
            client_secret: optional(&model.client_secret),
            refresh_token_name: template(&model.refresh_token_name),
            refresh_token: optional(&model.refresh_token),
            access_token_name: template(&model.access_token_name),
            access_token_value: optional(&model.access_token_value),
            expires_in_name: template(&model.expires_in_name),
            grant_type_name: template(&model.grant_type_name),
            grant_type: template(&model.grant_type),
            scopes: model.scopes.iter().map(|scope| scope.text.clone()).collect(),
            refresh_request_body: self.mapping(model.refresh_request_body.as_ref(), &own, Scope::new()),
            refresh_request_headers: self.mapping(model.refresh_request_headers.as_ref(), &own, Scope::new()),
            send_refresh_request_as_query_params: model.send_refresh_request_as_query_params,
            token_expiry_date: optional(&model.token_expiry_date),
            expires_in_is_a_date: model.token_expiry_date_format.is_some(),
            profile_assertion: match &model.profile_assertion {
                Some(assertion) if model.use_profile_assertion => Some(Arc::new(self.jwt(assertion)?)),
                _ => None,
            },
            refusals,
            renews_after_refusal: false,
            fetches_expired_twice: true,
        };
        let updater = match updater {
            None => None,
            Some(updater) => Some(RefreshTokenUpdater {
                store: Arc::clone(&self.store),
                refresh_token_name: self.text(&updater.refresh_token_name, &own)?,
                access_token_path: self.texts(&updater.access_token_config_path, &own)?,
                refresh_token_path: self.texts(&updater.refresh_token_config_path, &own)?,
                token_expiry_date_path: self.texts(&updater.token_expiry_date_config_path, &own)?,
                prefers_stored_client: true,
            }),
        };
        if updater.is_none() {
            settings.require_complete()?;
        }
        OAuth::new(settings, updater, collision, self.client.clone(), self.redactor.clone())
    }

    /// A mapping of templates.
    fn mapping(&self, node: Option<&Node>, parameters: &Parameters, scope: Scope) -> SettingMapping {
        let mut entries = Vec::new();
        for entry in node.and_then(Node::as_map).into_iter().flatten() {
            let value = match entry.value.as_str() {
                Some(text) => MappedValue::Template(self.compile(text, parameters)),
                None => MappedValue::Literal(entry.value.to_json()),
            };
            entries.push((self.compile(&entry.key, parameters), value));
        }
        SettingMapping::Templates(TemplateMapping { entries }, scope)
    }

    fn jwt(&self, model: &JwtAuthenticator) -> Result<JwtSigner> {
        let own = model.parameters();
        // The templates of a token may read JSON in a field.
        let scope = || Scope::new().with("json_loads", json_loads());
        let optional = |text: Option<&Text>| Some(Setting::Template(self.template(text?, &own), scope()));
        let (headers, payload) = (model.jwt_headers.as_ref(), model.jwt_payload.as_ref());
        let settings = JwtSettings {
            algorithm: Algorithm::parse(algorithm_name(model.algorithm))?,
            secret_key: Setting::Template(self.template(&model.secret_key, &own), scope()),
            base64_encode_secret_key: model.base64_encode_secret_key,
            passphrase: optional(model.passphrase.as_ref()),
            token_duration: model.token_duration,
            header_prefix: optional(model.header_prefix.as_ref()),
            kid: optional(headers.and_then(|headers| headers.kid.as_ref())),
            typ: optional(headers.and_then(|headers| headers.typ.as_ref())),
            cty: optional(headers.and_then(|headers| headers.cty.as_ref())),
            iss: optional(payload.and_then(|payload| payload.iss.as_ref())),
            sub: optional(payload.and_then(|payload| payload.sub.as_ref())),
            aud: optional(payload.and_then(|payload| payload.aud.as_ref())),
            additional_headers: self.mapping(model.additional_jwt_headers.as_ref(), &own, scope()),
            additional_payload: self.mapping(model.additional_jwt_payload.as_ref(), &own, scope()),
        };
        Ok(JwtSigner::new(settings, self.redactor.clone()))
    }

    fn session(&self, model: &SessionTokenAuthenticator, requested: &Requested<'_>) -> Result<SessionTokenAuth> {
        let own = model.parameters();
        let shown = match &model.request_authentication {
            SessionTokenRequestAuthenticator::SessionTokenRequestBearerAuthenticator(_) => {
                let placement = Placement::authorization(requested.collision("Authorization"));
                SessionUse::template(self.compile("Bearer {{ session_token }}", &own), placement)
            }
            SessionTokenRequestAuthenticator::SessionTokenRequestApiKeyAuthenticator(key) => {
                let parameters = key.parameters();
                let template = self.template(&key.api_token, &parameters);
                SessionUse::template(template, requested.placement(self.inject(&key.inject_into, &parameters)?))
            }
        };
        let lifetime = self.duration(model.expiration_duration.as_ref(), &own)?;
        let decoder = match &model.decoder {
            Some(TokenDecoder::XmlDecoder(_)) => Decoder::Xml,
            Some(TokenDecoder::JsonDecoder(_)) | None => Decoder::Json,
        };
        refuse_page_actions(&model.login_requester, "the `login_requester` of a session")?;
        let path = self.texts(&model.session_token_path, &own)?;
        let find = move |response: &Response| session_token(response, &decoder, &path);
        let login = Login::new(self.lone_requester(&model.login_requester)?, self.client.clone(), Box::new(find));
        Ok(SessionTokenAuth::new(Box::new(login), lifetime, shown, self.redactor.clone()))
    }

    /// A requester that is asked outside of a stream.
    fn lone_requester(&self, model: &HttpRequester) -> Result<HttpRetriever> {
        let keys = super::stream::default_interval_keys();
        self.http(model, Vec::new(), false, false, &keys, &Provenance::default())
    }

    fn legacy_session(
        &self,
        model: &LegacySessionTokenAuthenticator,
        requested: &Requested<'_>,
    ) -> Result<LegacySessionAuth> {
        let own = model.parameters();
        let setting = |text: &Text| Setting::template(self.template(text, &own));
        let or_empty = |text: Option<&Text>| text.map_or_else(|| Setting::fixed(""), setting);
        let session = LegacySession {
            api_url: or_empty(requested.address),
            header: setting(&model.header),
            username: or_empty(model.username.as_ref()),
            password: setting(&model.password),
            session_token: or_empty(model.session_token.as_ref()),
            session_token_response_key: setting(&model.session_token_response_key),
            login_url: setting(&model.login_url),
            validate_session_url: setting(&model.validate_session_url),
        };
        let collision = requested.collision(&self.text(&model.header, &own)?);
        Ok(LegacySessionAuth::new(session, collision, self.client.clone(), self.redactor.clone()))
    }
}

fn algorithm_name(algorithm: JwtAlgorithm) -> &'static str {
    match algorithm {
        JwtAlgorithm::Hs256 => "HS256",
        JwtAlgorithm::Hs384 => "HS384",
        JwtAlgorithm::Hs512 => "HS512",
        JwtAlgorithm::Es256 => "ES256",
        JwtAlgorithm::Es256K => "ES256K",
        JwtAlgorithm::Es384 => "ES384",
        JwtAlgorithm::Es512 => "ES512",
        JwtAlgorithm::Rs256 => "RS256",
        JwtAlgorithm::Rs384 => "RS384",
        JwtAlgorithm::Rs512 => "RS512",
        JwtAlgorithm::Ps256 => "PS256",
        JwtAlgorithm::Ps384 => "PS384",
        JwtAlgorithm::Ps512 => "PS512",
        JwtAlgorithm::EdDsa => "EdDSA",
    }
}

/// The token of a session, in the first element that the decoder yields.
fn session_token(response: &Response, decoder: &Decoder, path: &[String]) -> Result<Value> {
    let content_type = response.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut first = Value::Null;
    decoder.decode(Body::new(&response.body, content_type), &mut |element| {
        first = element;
        Ok(std::ops::ControlFlow::Break(()))
    })?;
    let token = Dpath::of_texts(path.iter().map(String::as_str)).get(&first)?;
    token.filter(|token| !token.is_null()).cloned().ok_or_else(|| {
        Error::system(format!(
            "the answer to the login has no session token at `{}`; correct `session_token_path`",
            path.join(".")
        ))
    })
}
