//! What the platform is told of a login, authentication by the chosen variant, and by a function.

use std::io::Write;
use std::sync::{Arc, Mutex};

use airbyte_runtime::define::Source;
use airbyte_runtime::plan::RequestDraft;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::Response;
use serde_json::{Value, json};

use super::run::{Events, read, serve, structs};

/// How to log in.
#[config]
enum Login {
    /// In the browser.
    Browser {
        /// The client's id.
        #[config(rename = "clientId")]
        client_id: String,
        /// The client's secret.
        client_secret: Secret,
        /// The refresh token.
        refresh_token: Secret,
    },
    /// With a key.
    Key {
        /// The key.
        key: Secret,
    },
    /// With a signature.
    Signature,
}

/// Rows of an API that several kinds of users read.
#[source(
    base_url      = "{config.base_url}",
    auth          = match config.login {
        Login::Browser { client_id, client_secret, refresh_token } => oauth(
            token_url     = "/token",
            client_id     = client_id,
            client_secret = client_secret,
            refresh_token = refresh_token
        ),
        Login::Key { key } => api_key(body = "auth.key", value = key),
        Login::Signature => with(sign),
    },
    advanced_auth = oauth2(
        predicate_key    = ["login", "type"],
        predicate_value  = "browser",
        consent_url      = "https://{{domain}}/authorize?client_id={{client_id_value}}",
        access_token_url = "https://{{domain}}/token",
        scopes           = ["read", "write"],
        scopes_join_strategy = COMMA,
        access_token_params  = { grant_type = "authorization_code", "{{auth_code_key}}" = "{{auth_code_value}}" },
        extract_output   = ["refresh_token"],
        pkce             = true,
        state_key        = "nonce",
        user_input       = { domain = config.base_url },
        output           = { refresh_token = config.login.refresh_token },
        server_output    = { client_id = config.login.client_id, client_secret = config.login.client_secret },
    ),
    streams       = [Row],
)]
struct Several {
    /// Where the API is.
    base_url: String,
    /// How to log in.
    login: Login,
}

/// A row.
#[stream(source = Several, name = "rows", path = "/rows", method = POST, body = { page = 1 }, query = { a = "b c" })]
struct Row {
    id: u64,
}

/// Signs what is sent: the URL and the body as they are.
fn sign(_source: &Several, request: &mut RequestDraft) -> Result<()> {
    let url = request.full_url();
    let text = format!("{}?{} {}", url.path(), url.query().unwrap_or_default(), request.body_text());
    request.set_header("x-signed", &text)
}

/// Reads the rows with one variant; what the first request looked like.
fn read_with(login: Value) -> (Events, String) {
    let events = Events::default();
    let server = serve(&events, |request| match request.path.as_str() {
        "/token" => Response::json(200, &json!({"access_token": "ACCESS-1"})),
        _ => Response::json(200, &json!([{"id": 1}])),
    });
    read(structs::<Several>(), &json!({"base_url": server.url(), "login": login}), &events);
    assert_eq!(events.ids(), [1], "{:?}", events.failure());
    let request = events.asked("/rows").remove(0);
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let header = |name: &str| request.header(name).unwrap_or("-").to_owned();
    let seen = format!("{} {} {text}", header("authorization"), header("x-signed"));
    (events, seen)
}

#[test]
fn the_chosen_variant_decides() {
    let browser = json!({"type": "browser", "clientId": "id", "client_secret": "secret", "refresh_token": "REFRESH-0"});
    assert_eq!(read_with(browser).1, "Bearer ACCESS-1 - {\"page\":1}");
    let (events, seen) = read_with(json!({"type": "key", "key": "the-key"}));
    assert_eq!(seen, "- - {\"page\":1,\"auth\":{\"key\":\"the-key\"}}");
    assert!(events.asked("/token").is_empty());
}

#[test]
fn a_function_sees_the_finished_request() {
    let (_, seen) = read_with(json!({"type": "signature"}));
    assert_eq!(seen, "- /rows?a=b%20c {\"page\":1} {\"page\":1}");
}

/// What a connector writes.
#[derive(Clone, Default)]
pub(super) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// The messages so far.
    pub(super) fn messages(&self) -> Vec<Value> {
        let bytes = self.0.lock().expect("nobody panics").clone();
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.split_inclusive('\n').filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What the specification of a source says about logging in.
pub(super) fn advanced_auth<S: Source>() -> Value {
    let written = Written::default();
    let _ = airbyte_runtime::run_with::<S>(["spec".into()], written.clone());
    // Another test of this process may log meanwhile.
    let spec = written.messages().into_iter().find(|message| message["type"] == "SPEC");
    spec.expect("a specification")["spec"]["advanced_auth"].take()
}

#[test]
fn the_specification_says_how_the_platform_logs_in() {
    let text = |path: Value| json!({"type": "string", "path_in_connector_config": path});
    let object = |properties: Value| json!({"type": "object", "additionalProperties": false, "properties": properties});
    let mut refresh_token = text(json!(["login", "refresh_token"]));
    refresh_token["path_in_oauth_response"] = json!(["refresh_token"]);
    let expected = json!({
        "auth_flow_type": "oauth2.0",
        "predicate_key": ["login", "type"],
        "predicate_value": "browser",
        "oauth_config_specification": {
            "oauth_user_input_from_connector_config_specification": object(json!({"domain": text(json!(["base_url"]))})),
            "oauth_connector_input_specification": {
                "consent_url": "https://{{domain}}/authorize?client_id={{client_id_value}}&code_challenge={{ state_value | codechallengeS256 }}&code_challenge_method=S256",
                "access_token_url": "https://{{domain}}/token",
                "scopes": [{"scope": "read"}, {"scope": "write"}],
                "scopes_join_strategy": "comma",
                "access_token_params": {
                    "grant_type": "authorization_code",
                    "{{auth_code_key}}": "{{auth_code_value}}",
                    "code_verifier": "{{ state_value }}",
                },
                "extract_output": ["refresh_token"],
                "state": {"min": 43, "max": 128},
                "state_key": "nonce",
            },
            "complete_oauth_output_specification": object(json!({"refresh_token": refresh_token})),
            "complete_oauth_server_input_specification":
                object(json!({"client_id": {"type": "string"}, "client_secret": {"type": "string"}})),
            "complete_oauth_server_output_specification": object(json!({
                "client_id": text(json!(["login", "clientId"])),
                "client_secret": text(json!(["login", "client_secret"])),
            })),
        },
    });
    assert_eq!(advanced_auth::<Several>(), expected);
}
