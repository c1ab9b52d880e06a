//! A login in the browser, as Airbyte's platform does it with what the specification says, and as `login` does it on a
//! desk, against an authorization server that wants PKCE.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::Response;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::Url;

use super::flow::{Written, advanced_auth};
use super::run::{Events, read, serve, structs, turn};
use crate::quickstart::Folder;

/// Rows behind a login, of which all is said in URLs.
#[source(
    base_url      = "{config.base_url}",
    auth          = oauth(
        token_url     = "/token",
        client_id     = config.client_id,
        client_secret = config.client_secret,
        refresh_token = config.refresh_token
    ),
    advanced_auth = oauth2(
        consent_url      = "https://{{region}}.example.com/authorize?response_type=code&{{client_id_param}}&{{redirect_uri_param}}&{{scope_param}}&{{state_param}}",
        access_token_url = "https://{{region}}.example.com/token?grant_type=authorization_code&{{client_id_param}}&{{client_secret_param}}&{{auth_code_param}}&{{redirect_uri_param}}",
        scopes           = ["read", "offline"],
        pkce             = true,
        client_id_key    = "app",
        user_input       = { region = config.region },
        output           = { refresh_token = config.refresh_token },
        server_input     = ["app", "client_secret"],
        server_output    = { app = config.client_id, client_secret = config.client_secret },
    ),
    streams       = [Row],
)]
struct InUrls {
    /// Where the API is.
    base_url: String,
    /// Which of the servers to ask.
    region: String,
    /// The client's id.
    client_id: String,
    /// The client's secret.
    client_secret: Secret,
    /// The refresh token.
    refresh_token: Secret,
}

/// A row.
#[stream(source = InUrls, name = "rows", path = "/rows")]
struct Row {
    id: u64,
}

/// The same with the parameters in a body.
#[source(
    base_url      = "https://api.example.com",
    advanced_auth = oauth2(
        consent_url         = "https://eu.example.com/authorize?response_type=code&{{client_id_param}}&{{redirect_uri_param}}&{{state_param}}",
        access_token_url    = "https://eu.example.com/token",
        access_token_params = {
            grant_type    = "authorization_code",
            app           = "{{ client_id_value }}",
            client_secret = "{{ client_secret_value }}",
            code          = "{{ auth_code_value }}",
            redirect_uri  = "{{ redirect_uri_value }}",
        },
        pkce                = true,
        client_id_key       = "app",
        output              = { refresh_token = config.token },
    ),
    streams       = [Item],
)]
struct InBody {
    /// The refresh token.
    token: Secret,
}

/// An item.
#[stream(source = InBody, name = "items", path = "/items")]
struct Item {
    id: u64,
}

const REDIRECT: &str = "https://cloud.example.com/auth flow";

/// What the platform does with a specification: it knows the client and the user's input, and fills in templates.
struct Platform {
    input: Value,
    values: BTreeMap<String, String>,
}

impl Platform {
    fn new(specification: &Value, user_input: &[(&str, &str)]) -> Self {
        let input = specification["oauth_connector_input_specification"].clone();
        let texts = |value: &Value| {
            value.as_array().map(|scopes| {
                scopes.iter().map(|scope| scope["scope"].as_str().unwrap_or_default()).collect::<Vec<_>>().join(" ")
            })
        };
        // The state is as long as the specification wants it.
        let length = usize::try_from(input["state"]["min"].as_u64().unwrap_or(7)).expect("a length");
        let known = [
            ("client_id", "the-client".to_owned()),
            ("client_secret", "the-secret".to_owned()),
            ("redirect_uri", REDIRECT.to_owned()),
            ("state", "aB.-_".repeat(length).chars().take(length).collect()),
            ("scope", texts(&input["scopes"]).unwrap_or_default()),
        ];
        let mut platform = Self { values: BTreeMap::new(), input };
        platform.values.extend(user_input.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        for (name, value) in known {
            platform.learn(name, name, &value);
        }
        platform
    }

    fn learn(&mut self, name: &str, default_key: &str, value: &str) {
        let key = self.input[format!("{name}_key")].as_str().unwrap_or(default_key).to_owned();
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let sent = if matches!(name, "redirect_uri" | "scope") { encoded.as_str() } else { value };
        self.values.insert(format!("{name}_param"), format!("{key}={sent}"));
        self.values.insert(format!("{name}_value"), value.to_owned());
        self.values.insert(format!("{name}_key"), key);
    }

    fn render(&self, template: &str) -> String {
        let Some((before, rest)) = template.split_once("{{") else { return template.to_owned() };
        let (expression, after) = rest.split_once("}}").expect("it is closed");
        let (name, filter) = expression.split_once('|').unwrap_or((expression, ""));
        let value = self.values.get(name.trim()).unwrap_or_else(|| panic!("the platform does not know `{name}`"));
        let value = match filter.trim() {
            "" => value.clone(),
            "codechallengeS256" => challenge(value),
            filter => panic!("the platform has no filter `{filter}`"),
        };
        format!("{before}{value}{}", self.render(after))
    }

    fn consent_url(&self) -> Url {
        Url::parse(&self.render(self.input["consent_url"].as_str().expect("a text"))).expect("a URL")
    }

    /// The request for tokens: all that is sent with it, from its URL and its body.
    fn token_request(&mut self, code: &str) -> BTreeMap<String, String> {
        self.learn("auth_code", "code", code);
        let url = Url::parse(&self.render(self.input["access_token_url"].as_str().expect("a text"))).expect("a URL");
        let body = self.input["access_token_params"].as_object().cloned().unwrap_or_default();
        let body = body.iter().map(|(name, value)| (self.render(name), self.render(value.as_str().expect("a text"))));
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).chain(body).collect()
    }
}

/// RFC 7636, 4.2.
fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()))
}

/// An authorization server that insists on PKCE.
#[derive(Default)]
struct AuthorizationServer {
    challenge: String,
}

impl AuthorizationServer {
    /// The user agrees: the code that the browser brings back.
    fn authorize(&mut self, url: &Url) -> String {
        let asked: BTreeMap<_, _> = url.query_pairs().collect();
        assert_eq!(
            (&*asked["response_type"], &*asked["app"], &*asked["redirect_uri"]),
            ("code", "the-client", REDIRECT)
        );
        assert_eq!(asked["code_challenge_method"], "S256");
        self.challenge = asked["code_challenge"].clone().into_owned();
        "the code".to_owned()
    }

    fn token(&self, request: &BTreeMap<String, String>) -> Result<Value, String> {
        let text = |name: &str| request.get(name).map_or("", String::as_str);
        let is_ours = text("code") == "the code" && text("redirect_uri") == REDIRECT && text("app") == "the-client";
        if !is_ours || text("client_secret") != "the-secret" || text("grant_type") != "authorization_code" {
            return Err(format!("invalid_request: {request:?}"));
        }
        match (43..=128).contains(&text("code_verifier").len()) && challenge(text("code_verifier")) == self.challenge {
            true => Ok(json!({"access_token": "ACCESS-0", "refresh_token": "REFRESH-0", "expires_in": 3600})),
            false => Err("invalid_grant".to_owned()),
        }
    }
}

#[test]
fn the_platform_logs_in_with_pkce_and_the_connector_reads() {
    let specification = advanced_auth::<InUrls>()["oauth_config_specification"].take();
    let mut platform = Platform::new(&specification, &[("region", "eu")]);
    let mut server = AuthorizationServer::default();
    let consent = platform.consent_url();
    assert_eq!(consent.host_str(), Some("eu.example.com"));
    let code = server.authorize(&consent);
    let mut request = platform.token_request(&code);
    let answer = server.token(&request).expect("tokens");
    // Somebody else who has the code has not the verifier.
    request.insert("code_verifier".to_owned(), "x".repeat(43));
    assert_eq!(server.token(&request), Err("invalid_grant".to_owned()));

    let events = Events::default();
    let api = serve(&events, |request| match request.path.as_str() {
        "/token" if String::from_utf8_lossy(&request.body).contains("refresh_token=REFRESH-0") => {
            Response::json(200, &json!({"access_token": "ACCESS-1"}))
        }
        "/token" => Response::new(400),
        _ => Response::json(200, &json!([{"id": 1}])),
    });
    let mut config = json!({"base_url": api.url(), "region": "eu"});
    let values = json!({"app": "the-client", "client_secret": "the-secret"});
    place(&specification["complete_oauth_server_output_specification"], &values, &mut config);
    // The platform keeps what `extract_output` names, and nothing else.
    let kept = &specification["oauth_connector_input_specification"]["extract_output"];
    assert_eq!(kept, &json!(["refresh_token"]));
    place(&specification["complete_oauth_output_specification"], &answer, &mut config);
    read(structs::<InUrls>(), &config, &events);
    assert_eq!(events.ids(), [1], "{:?}", events.failure());
    assert_eq!(events.asked("/rows")[0].header("authorization"), Some("Bearer ACCESS-1"));
}

#[test]
fn the_verifier_goes_where_the_other_parameters_go() {
    let mut platform = Platform::new(&advanced_auth::<InBody>()["oauth_config_specification"], &[]);
    let mut server = AuthorizationServer::default();
    let code = server.authorize(&platform.consent_url());
    assert!(server.token(&platform.token_request(&code)).is_ok());
    assert_eq!(platform.input["access_token_url"], "https://eu.example.com/token");
}

/// Puts values where the specification wants them in the configuration.
fn place(specification: &Value, values: &Value, config: &mut Value) {
    for (name, property) in specification["properties"].as_object().expect("properties") {
        let path = property["path_in_connector_config"].as_array().expect("a path");
        let mut at = &mut *config;
        for key in path {
            at = &mut at[key.as_str().expect("a key")];
        }
        *at = values[name].clone();
    }
}

/// Rows behind a login on a desk.
#[source(
    base_url      = "{config.base_url}",
    auth          = oauth(
        token_url     = "/token",
        client_id     = config.client.id,
        client_secret = config.client.secret,
        refresh_token = config.refresh_token
    ),
    advanced_auth = oauth2(
        consent_url      = "{{base}}/authorize?response_type=code&{{client_id_param}}&{{redirect_uri_param}}&{{state_param}}",
        access_token_url = "{{base}}/token?grant_type=authorization_code&{{client_id_param}}&{{auth_code_param}}&{{redirect_uri_param}}",
        access_token_headers = { Authorization = "Basic {{ (client_id_value ~ ':' ~ client_secret_value) | b64encode }}" },
        pkce             = true,
        user_input       = { base = config.base_url },
        output           = { refresh_token = config.refresh_token, expires_in = config.lifetime },
        server_output    = { client_id = config.client.id, client_secret = config.client.secret },
    ),
    streams       = [Line],
)]
struct OnDesk {
    /// Where the API is.
    base_url: String,
    /// The OAuth application.
    client: Client,
    /// The refresh token.
    refresh_token: Option<Secret>,
    /// How long an access token is good for.
    lifetime: Option<u64>,
}

/// An OAuth application.
#[config]
struct Client {
    /// Its id.
    id: String,
    /// Its secret.
    secret: Secret,
}

/// A row.
#[stream(source = OnDesk, name = "rows", path = "/rows")]
struct Line {
    id: u64,
}

/// Runs `login` while a browser does with the address what `browse` says; how it ended, and what was written.
fn login<S: airbyte_runtime::define::Source>(
    folder: &Folder,
    config: &Value,
    browse: impl FnOnce(Url) + Send,
) -> (ExitCode, Vec<Value>, Value) {
    let _turn = turn();
    let (file, written) = (folder.file("config.json", config), Written::default());
    let address = || {
        let mut logs =
            written.messages().into_iter().filter_map(|line| Some(line["log"]["message"].as_str()?.to_owned()));
        let told = logs.rfind(|log| log.starts_with("open this address"))?;
        Url::parse(told.rsplit(' ').next()?).ok()
    };
    let ended = AtomicBool::new(false);
    let code = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::SeqCst) {
                match address() {
                    Some(address) => return browse(address),
                    None => std::thread::sleep(Duration::from_millis(20)),
                }
            }
        });
        let arguments = ["login", "--config", &file, "--port", "0"].map(Into::into);
        let code = airbyte_runtime::run_with::<S>(arguments, written.clone());
        ended.store(true, Ordering::SeqCst);
        code
    });
    let config = std::fs::read_to_string(&file).expect("the configuration");
    (code, written.messages(), serde_json::from_str(&config).expect("JSON"))
}

/// Goes to an address as a browser does; the status of the answer.
fn go(url: &str) -> String {
    let url = Url::parse(url).expect("a URL");
    let mut stream = TcpStream::connect(("127.0.0.1", url.port().expect("a port"))).expect("somebody listens");
    // In one piece: who listens may answer and leave behind the first line.
    let (path, query) = (url.path(), url.query().unwrap_or_default());
    let request = format!("GET {path}?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

fn param(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn failure(messages: &[Value]) -> String {
    let error = messages.iter().find_map(|line| line["trace"]["error"]["message"].as_str());
    error.unwrap_or_default().to_owned()
}

#[test]
fn tokens_come_into_the_configuration_on_a_desk() {
    let events = Events::default();
    let asked = Arc::new(Mutex::new(String::new()));
    let expected = Arc::clone(&asked);
    let api = serve(&events, move |request| {
        let param = |name: &str| request.query_param(name).unwrap_or_default().to_owned();
        match request.path.as_str() {
            "/token" if param("grant_type") == "authorization_code" => {
                let is_bound = challenge(&param("code_verifier")) == *expected.lock().expect("nobody panics");
                let is_client = request.header("authorization") == Some("Basic dGhlLWNsaWVudDp0aGUtc2VjcmV0");
                match is_bound && is_client && param("code") == "the code" {
                    true => Response::json(200, &json!({"refresh_token": "REFRESH-0-of-the-user", "expires_in": 3600})),
                    false => Response::json(400, &json!({"error": "invalid_grant"})),
                }
            }
            "/token" => Response::json(200, &json!({"access_token": "ACCESS-1-of-the-user"})),
            _ => Response::json(200, &json!([{"id": 1}])),
        }
    });
    let folder = Folder::new();
    let config = json!({"base_url": api.url(), "client": {"id": "the-client", "secret": "the-secret"}, "other": 1});
    let (code, messages, config) = login::<OnDesk>(&folder, &config, |consent| {
        asked.lock().expect("nobody panics").push_str(&param(&consent, "code_challenge"));
        let home = param(&consent, "redirect_uri");
        // Somebody who does not know the state is not heard.
        assert_eq!(go(&format!("{home}?code=another&state=guessed")), "404");
        assert_eq!(go(&format!("{home}?code=the+code&state={}", param(&consent, "state"))), "200");
    });
    assert_eq!(failure(&messages), "");
    assert_eq!(code, ExitCode::SUCCESS);
    assert_eq!(config["refresh_token"], "REFRESH-0-of-the-user");
    assert_eq!((&config["lifetime"], &config["other"]), (&json!(3600), &json!(1)));
    for message in &messages {
        for secret in ["the-secret", "REFRESH-0-of-the-user"] {
            assert!(!message.to_string().contains(secret), "{message}");
        }
    }
    read(structs::<OnDesk>(), &config, &events);
    assert_eq!(events.ids(), [1], "{:?}", events.failure());
}

#[test]
fn a_login_that_fails_says_why_and_changes_nothing() {
    let folder = Folder::new();
    let given = json!({"base_url": "http://127.0.0.1:9", "client": {"id": "the-client", "secret": "the-secret"}});
    let (code, messages, config) = login::<OnDesk>(&folder, &given, |consent| {
        let home = param(&consent, "redirect_uri");
        let state = param(&consent, "state");
        assert_eq!(go(&format!("{home}?error=access_denied&error_description=not+today&state={state}")), "200");
    });
    assert_eq!((code, failure(&messages).as_str()), (ExitCode::FAILURE, "the login was refused: not today"));
    assert_eq!(config, given);
    let (_, messages, _) = login::<OnDesk>(&folder, &json!({"base_url": "http://127.0.0.1:9"}), |_| ());
    assert!(failure(&messages).starts_with("the login needs `client.id`"), "{messages:?}");
    let (_, messages, _) = login::<Plain>(&folder, &json!({}), |_| ());
    assert!(failure(&messages).contains("does not say how to log in with a browser"), "{messages:?}");
}

#[test]
fn a_server_that_refuses_with_a_success_is_quoted() {
    for (answer, reason) in [
        (json!({"ok": false, "error": "invalid_code"}), "invalid_code"),
        (
            json!({"error": "bad_verification_code", "error_description": "The code is expired, the-secret."}),
            "bad_verification_code: The code is expired, ****.",
        ),
        (json!({"ok": false}), "it says `ok: false`"),
    ] {
        let events = Events::default();
        let api = serve(&events, move |_| Response::json(200, &answer));
        let given = json!({"base_url": api.url(), "client": {"id": "the-client", "secret": "the-secret"}, "refresh_token": "OLD-0-of-the-user"});
        let (code, messages, config) = login::<OnDesk>(&Folder::new(), &given, |consent| {
            let home = param(&consent, "redirect_uri");
            assert_eq!(go(&format!("{home}?code=the+code&state={}", param(&consent, "state"))), "200");
        });
        let expected = format!("the authorization server gave no tokens: {reason}");
        assert_eq!((code, failure(&messages)), (ExitCode::FAILURE, expected));
        let error = messages.iter().find(|line| line["trace"]["error"].is_object()).expect("an error");
        assert_eq!(error["trace"]["error"]["failure_type"], "config_error");
        assert_eq!(config, given);
    }
}

#[test]
fn all_secrets_of_the_configuration_are_masked_while_a_user_logs_in() {
    let events = Events::default();
    let api = serve(&events, |_| Response::json(400, &json!({"error": "OLD-0-of-the-user is used up"})));
    let given = json!({"base_url": api.url(), "client": {"id": "the-client", "secret": "the-secret"}, "refresh_token": "OLD-0-of-the-user"});
    let (_, messages, _) = login::<OnDesk>(&Folder::new(), &given, |consent| {
        let home = param(&consent, "redirect_uri");
        assert_eq!(go(&format!("{home}?code=the+code&state={}", param(&consent, "state"))), "200");
    });
    assert!(failure(&messages).ends_with("400 Bad Request: **** is used up"), "{messages:?}");
}

/// A source without a login.
#[source(base_url = "https://api.example.com", streams = [Thing])]
struct Plain;

/// A thing.
#[stream(source = Plain, path = "/things")]
struct Thing {
    id: u64,
}
