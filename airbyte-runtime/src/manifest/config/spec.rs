//! What the connector asks its user for, as the protocol's SPEC message has it.

use serde_json::{Map, Value};

use airbyte_manifest::Node;
use airbyte_manifest::model::{
    AuthFlow, OAuthConfigSpecification, OAuthConnectorInput, OAuthScope, ScopesJoinStrategy, Spec, Text,
};

/// The parts of a SPEC message that a manifest decides.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SpecMessage {
    /// The JSON Schema of the configuration, as it is written.
    pub(crate) connection_specification: Value,
    /// Where it is described; empty text counts as none.
    pub(crate) documentation_url: Option<String>,
    /// How a user logs in, with the fields that the protocol knows.
    pub(crate) advanced_auth: Option<Value>,
}

impl SpecMessage {
    /// The message of a manifest's spec.
    pub(crate) fn new(spec: &Spec) -> Self {
        let url = spec.documentation_url.as_ref().map(|url| url.text.clone());
        Self {
            connection_specification: spec.connection_specification.to_json(),
            documentation_url: url.filter(|url| !url.is_empty()),
            advanced_auth: spec.advanced_auth.as_ref().map(auth_flow),
        }
    }
}

fn auth_flow(auth: &AuthFlow) -> Value {
    present([
        ("auth_flow_type", auth.auth_flow_type.map(|kind| kind.as_str().into())),
        ("predicate_key", auth.predicate_key.as_deref().map(texts)),
        ("predicate_value", auth.predicate_value.as_ref().map(text)),
        ("oauth_config_specification", auth.oauth_config_specification.as_ref().map(oauth)),
    ])
}

fn oauth(oauth: &OAuthConfigSpecification) -> Value {
    let schema = |schema: &Option<Node>| schema.as_ref().map(Node::to_json);
    let input = "oauth_user_input_from_connector_config_specification";
    present([
        (input, schema(&oauth.oauth_user_input_from_connector_config_specification)),
        (
            "oauth_connector_input_specification",
            oauth.oauth_connector_input_specification.as_ref().map(connector_input),
        ),
        ("complete_oauth_output_specification", schema(&oauth.complete_oauth_output_specification)),
        ("complete_oauth_server_input_specification", schema(&oauth.complete_oauth_server_input_specification)),
        ("complete_oauth_server_output_specification", schema(&oauth.complete_oauth_server_output_specification)),
    ])
}

fn connector_input(input: &OAuthConnectorInput) -> Value {
    let word = |value: &Option<Text>| value.as_ref().map(text);
    let join = input.scopes_join_strategy.unwrap_or(ScopesJoinStrategy::Space);
    let state =
        input.state.as_ref().map(|state| present([("min", Some(state.min.into())), ("max", Some(state.max.into()))]));
    present([
        ("consent_url", Some(text(&input.consent_url))),
        ("access_token_url", Some(text(&input.access_token_url))),
        ("scope", word(&input.scope)),
        ("scopes", scopes(&input.scopes)),
        ("optional_scopes", scopes(&input.optional_scopes)),
        ("scopes_join_strategy", Some(join.as_str().into())),
        ("access_token_headers", input.access_token_headers.as_ref().map(Node::to_json)),
        ("access_token_params", input.access_token_params.as_ref().map(Node::to_json)),
        ("extract_output", (!input.extract_output.is_empty()).then(|| texts(&input.extract_output))),
        ("state", state),
        ("client_id_key", word(&input.client_id_key)),
        ("client_secret_key", word(&input.client_secret_key)),
        ("scope_key", word(&input.scope_key)),
        ("state_key", word(&input.state_key)),
        ("auth_code_key", word(&input.auth_code_key)),
        ("redirect_uri_key", word(&input.redirect_uri_key)),
    ])
}

fn scopes(scopes: &[OAuthScope]) -> Option<Value> {
    let listed = || scopes.iter().map(|scope| present([("scope", Some(text(&scope.scope)))])).collect();
    (!scopes.is_empty()).then(listed)
}

fn present<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let present = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

fn text(text: &Text) -> Value {
    text.text.clone().into()
}

fn texts(list: &[Text]) -> Value {
    list.iter().map(text).collect()
}
