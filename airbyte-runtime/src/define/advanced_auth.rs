//! `advanced_auth = …`: how the platform lets a user log in, and what it puts into the configuration.

use serde_json::{Map as JsonMap, Value as Json, json};

use super::config::{ConfigField, json_keys};
use super::source::starts_with;
use super::value::{Map, Value};
use crate::rules::text::{Text, same};

/// What an attribute says about the platform's login; implemented by [`oauth2`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a way for the platform to log in",
    label = "not a login of the platform",
    note = "built-in: `oauth2(consent_url = \"…\", access_token_url = \"…\", …)`"
)]
pub trait AdvancedAuthDef: Sync {
    /// The `advanced_auth` of the specification, for a configuration with these fields.
    fn specification(&self, fields: &'static [ConfigField]) -> Json;
}

#[diagnostic::do_not_recommend]
impl AdvancedAuthDef for super::Component<dyn AdvancedAuthDef> {
    fn specification(&self, fields: &'static [ConfigField]) -> Json {
        self.0.specification(fields)
    }
}

/// OAuth 2 in the browser. The texts are templates of the platform, in which `{{client_id_value}}` and the like stand.
#[must_use]
pub const fn oauth2() -> OAuth2 {
    OAuth2 {
        predicate_key: &[],
        predicate_value: None,
        consent_url: None,
        access_token_url: None,
        scope: None,
        scopes: &[],
        optional_scopes: &[],
        scopes_join_strategy: JoinStrategy::SPACE,
        access_token_headers: &[],
        access_token_params: &[],
        extract_output: &[],
        state: &[],
        pkce: false,
        client_id_key: None,
        client_secret_key: None,
        scope_key: None,
        state_key: None,
        auth_code_key: None,
        redirect_uri_key: None,
        user_input: &[],
        output: &[],
        server_input: &["client_id", "client_secret"],
        server_output: &[],
    }
}

/// What stands between scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::upper_case_acronyms, reason = "they are written like constants")]
pub enum JoinStrategy {
    /// A blank.
    SPACE,
    /// A comma.
    COMMA,
    /// A plus.
    PLUS,
}

pub use JoinStrategy::{COMMA, PLUS, SPACE};

/// See [`oauth2`].
#[derive(Clone, Copy, Debug)]
pub struct OAuth2 {
    predicate_key: &'static [&'static str],
    predicate_value: Option<&'static str>,
    consent_url: Option<&'static str>,
    access_token_url: Option<&'static str>,
    scope: Option<&'static str>,
    scopes: &'static [&'static str],
    optional_scopes: &'static [&'static str],
    scopes_join_strategy: JoinStrategy,
    access_token_headers: Map,
    access_token_params: Map,
    extract_output: &'static [&'static str],
    state: Map,
    pkce: bool,
    client_id_key: Option<&'static str>,
    client_secret_key: Option<&'static str>,
    scope_key: Option<&'static str>,
    state_key: Option<&'static str>,
    auth_code_key: Option<&'static str>,
    redirect_uri_key: Option<&'static str>,
    user_input: Map,
    output: Map,
    server_input: &'static [&'static str],
    server_output: Map,
}

setters! { OAuth2
    /// The path of JSON keys in the configuration that says whether the user logs in this way; always without it.
    predicate_key: &'static [&'static str];
    /// The value there that means this way.
    predicate_value: &'static str => Some;
    /// The scopes in one text, for `{{scope_value}}`.
    scope: &'static str => Some;
    /// The scopes one by one.
    scopes: &'static [&'static str];
    /// Scopes that the user may leave out.
    optional_scopes: &'static [&'static str];
    /// What stands between scopes: `SPACE`, unless it is set, `COMMA` or `PLUS`.
    scopes_join_strategy: JoinStrategy;
    /// Headers of the request for tokens.
    access_token_headers: Map;
    /// Fields of the request for tokens.
    access_token_params: Map;
    /// Whether the login is bound to this browser by PKCE: the challenge is appended to `consent_url`, and the verifier,
    /// which is the state, to `access_token_params`, or to `access_token_url` where there are none.
    pkce: bool;
    /// The name of the client's id, `client_id` unless it is set.
    client_id_key: &'static str => Some;
    /// The name of the client's secret, `client_secret` unless it is set.
    client_secret_key: &'static str => Some;
    /// The name of the scope, `scope` unless it is set.
    scope_key: &'static str => Some;
    /// The name of the state, `state` unless it is set.
    state_key: &'static str => Some;
    /// The name of the code, `code` unless it is set.
    auth_code_key: &'static str => Some;
    /// The name of the address to return to, `redirect_uri` unless it is set.
    redirect_uri_key: &'static str => Some;
    /// Config fields that the URLs need, by the names that these use.
    user_input: Map;
    /// What the platform enters for the client, `["client_id", "client_secret"]` unless it is set.
    server_input: &'static [&'static str];
}

impl OAuth2 {
    /// Where the user agrees.
    #[must_use]
    #[track_caller]
    pub const fn consent_url(mut self, template: &'static str) -> Self {
        require_https("consent_url", template);
        self.consent_url = Some(template);
        self
    }

    /// Where the code is exchanged for tokens.
    #[must_use]
    #[track_caller]
    pub const fn access_token_url(mut self, template: &'static str) -> Self {
        require_https("access_token_url", template);
        self.access_token_url = Some(template);
        self
    }

    /// The names in the answer that are kept, all of which `output` places in the configuration; those of `output`,
    /// unless it is set.
    #[must_use]
    pub const fn extract_output(mut self, names: &'static [&'static str]) -> Self {
        self.extract_output = names;
        self
    }

    /// How long the state is: `{ min = 43, max = 128 }`.
    #[must_use]
    #[track_caller]
    pub const fn state(mut self, bounds: Map) -> Self {
        let mut at = 0;
        while at < bounds.len() {
            assert!(
                same(bounds[at].0, "min") || same(bounds[at].0, "max"),
                "the length of a state has a `min` and a `max`\nhelp: write `state = {{ min = 43, max = 128 }}`"
            );
            at += 1;
        }
        self.state = bounds;
        self
    }

    /// The config field for each name in the answer: `{ refresh_token = config.credentials.refresh_token }`.
    #[must_use]
    #[track_caller]
    pub const fn output(mut self, fields: Map) -> Self {
        require_fields(fields);
        self.output = fields;
        self
    }

    /// The config field for each of `server_input`: `{ client_id = config.credentials.client_id }`.
    #[must_use]
    #[track_caller]
    pub const fn server_output(mut self, fields: Map) -> Self {
        require_fields(fields);
        self.server_output = fields;
        self
    }

    /// Ends the definition.
    #[must_use]
    #[track_caller]
    pub const fn build(self) -> Self {
        assert!(
            self.consent_url.is_some() && self.access_token_url.is_some(),
            "`oauth2` does not say where the user logs in\nhelp: add `consent_url = \"https://…\"` and `access_token_url = \"https://…\"`"
        );
        assert!(
            !self.output.is_empty(),
            "`oauth2` does not say where the tokens go\nhelp: add `output = {{ refresh_token = config.refresh_token }}`"
        );
        assert!(
            self.predicate_key.is_empty() == self.predicate_value.is_none(),
            "`predicate_key` and `predicate_value` belong together\nhelp: add the one that is missing"
        );
        assert!(
            !self.access_token_params.is_empty() || self.sends_code(),
            "the request for tokens does not send the code\nhelp: end `access_token_url` with `?grant_type=authorization_code&{{{{client_id_param}}}}&{{{{client_secret_param}}}}&{{{{auth_code_param}}}}&{{{{redirect_uri_param}}}}`"
        );
        let mut at = 0;
        while at < self.extract_output.len() {
            if !names(self.output, self.extract_output[at]) {
                let text = Text::new()
                    .push("`")
                    .push(self.extract_output[at])
                    .push("` is kept, but `output` does not say where it goes\nhelp: add `")
                    .push(self.extract_output[at])
                    .push(" = config.…` to `output`");
                panic!("{}", text.as_str());
            }
            at += 1;
        }
        self
    }
}

impl OAuth2 {
    /// Whether the URL has a place for the code: the platform sends what stands in the URL and in the parameters, and
    /// nothing of its own.
    const fn sends_code(&self) -> bool {
        match self.access_token_url {
            Some(url) => contains(url.as_bytes(), b"code"),
            None => false,
        }
    }
}

const fn contains(text: &[u8], part: &[u8]) -> bool {
    let mut rest = text;
    while rest.len() >= part.len() {
        if starts_with(rest, part) {
            return true;
        }
        (_, rest) = rest.split_at(1);
    }
    false
}

/// Whether a map has the key.
const fn names(map: Map, key: &str) -> bool {
    let mut at = 0;
    while at < map.len() {
        if same(map[at].0, key) {
            return true;
        }
        at += 1;
    }
    false
}

#[track_caller]
const fn require_https(argument: &str, template: &str) {
    if !starts_with(template.as_bytes(), b"https://") && !starts_with(template.as_bytes(), b"{{") {
        let text = Text::new()
            .push("`")
            .push(argument)
            .push("` is not a URL that the platform opens\nhelp: begin it with `https://`");
        panic!("{}", text.as_str());
    }
}

#[track_caller]
const fn require_fields(fields: Map) {
    let mut at = 0;
    while at < fields.len() {
        if !matches!(fields[at].1, Value::Template(_)) {
            let text = Text::new()
                .push("`")
                .push(fields[at].0)
                .push("` goes into a config field, and this is none\nhelp: write `")
                .push(fields[at].0)
                .push(" = config.")
                .push(fields[at].0)
                .push("`");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

#[diagnostic::do_not_recommend]
impl AdvancedAuthDef for OAuth2 {
    fn specification(&self, fields: &'static [ConfigField]) -> Json {
        let mut flow = JsonMap::new();
        flow.insert("auth_flow_type".to_owned(), "oauth2.0".into());
        if let Some(value) = self.predicate_value {
            flow.insert("predicate_key".to_owned(), json!(self.predicate_key));
            flow.insert("predicate_value".to_owned(), value.into());
        }
        let answer = |name: &str| json!({"path_in_oauth_response": [name]});
        let mut specification = JsonMap::new();
        if !self.user_input.is_empty() {
            let input = placed(self.user_input, fields, |_| Json::Null);
            specification.insert("oauth_user_input_from_connector_config_specification".to_owned(), input);
        }
        specification.insert("oauth_connector_input_specification".to_owned(), self.connector_input());
        specification.insert("complete_oauth_output_specification".to_owned(), placed(self.output, fields, answer));
        let server_input: JsonMap<String, Json> =
            self.server_input.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
        let server_input = json!({"type": "object", "additionalProperties": false, "properties": server_input});
        specification.insert("complete_oauth_server_input_specification".to_owned(), server_input);
        let server_output = placed(self.server_output, fields, |_| Json::Null);
        specification.insert("complete_oauth_server_output_specification".to_owned(), server_output);
        flow.insert("oauth_config_specification".to_owned(), Json::Object(specification));
        Json::Object(flow)
    }
}

impl OAuth2 {
    fn connector_input(&self) -> Json {
        let mut input = JsonMap::new();
        let mut set = |key: &str, value: Option<Json>| {
            if let Some(value) = value {
                input.insert(key.to_owned(), value);
            }
        };
        let texts = |texts: &[&str]| (!texts.is_empty()).then(|| json!(texts));
        let scopes = |scopes: &[&str]| {
            let listed = || scopes.iter().map(|scope| json!({ "scope": scope })).collect();
            (!scopes.is_empty()).then(listed)
        };
        let url = |url: Option<&str>| url.unwrap_or_default().to_owned();
        let (mut consent_url, mut token_url) = (url(self.consent_url), url(self.access_token_url));
        let mut params = object(self.access_token_params);
        let mut state = object(self.state);
        if self.pkce {
            let challenge = "code_challenge={{ state_value | codechallengeS256 }}&code_challenge_method=S256";
            append(&mut consent_url, challenge);
            match params.is_empty() {
                true => append(&mut token_url, "code_verifier={{ state_value }}"),
                false => drop(params.entry("code_verifier").or_insert("{{ state_value }}".into())),
            }
            // RFC 7636 wants a verifier of this length, and the state is the verifier.
            state.entry("min").or_insert(43.into());
            state.entry("max").or_insert(128.into());
        }
        let map = |map: JsonMap<String, Json>| (!map.is_empty()).then_some(Json::Object(map));
        set("consent_url", Some(consent_url.into()));
        set("access_token_url", Some(token_url.into()));
        set("scope", self.scope.map(Json::from));
        set("scopes", scopes(self.scopes));
        set("optional_scopes", scopes(self.optional_scopes));
        if !self.scopes.is_empty() {
            let strategy = match self.scopes_join_strategy {
                JoinStrategy::SPACE => "space",
                JoinStrategy::COMMA => "comma",
                JoinStrategy::PLUS => "plus",
            };
            set("scopes_join_strategy", Some(strategy.into()));
        }
        set("access_token_headers", map(object(self.access_token_headers)));
        set("access_token_params", map(params));
        let extract_output = match self.extract_output.is_empty() {
            true => self.output.iter().map(|(name, _)| *name).collect(),
            false => self.extract_output.to_vec(),
        };
        set("extract_output", texts(&extract_output));
        set("state", map(state));
        for (key, value) in [
            ("client_id_key", self.client_id_key),
            ("client_secret_key", self.client_secret_key),
            ("scope_key", self.scope_key),
            ("state_key", self.state_key),
            ("auth_code_key", self.auth_code_key),
            ("redirect_uri_key", self.redirect_uri_key),
        ] {
            set(key, value.map(Json::from));
        }
        Json::Object(input)
    }
}

/// Appends a parameter to a URL.
fn append(url: &mut String, parameter: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(parameter);
}

fn object(map: Map) -> JsonMap<String, Json> {
    map.iter().map(|(key, value)| ((*key).to_owned(), value.to_json())).collect()
}

/// A schema of texts, each with its place in the configuration and what `more` says about it.
fn placed(map: Map, fields: &'static [ConfigField], more: impl Fn(&str) -> Json) -> Json {
    let property = |(name, value): &(&'static str, Value)| {
        let template = value.to_json();
        let path = template.as_str().unwrap_or_default().trim_matches(['{', '}']);
        let path = path.strip_prefix("config.").unwrap_or(path);
        let mut property = json!({"type": "string", "path_in_connector_config": json_keys(fields, path, None)});
        if let (Json::Object(property), Json::Object(more)) = (&mut property, more(name)) {
            property.extend(more);
        }
        ((*name).to_owned(), property)
    };
    let properties: JsonMap<String, Json> = map.iter().map(property).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}
