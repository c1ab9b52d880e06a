//! No secret reaches any output, in no encoding, whatever the API says about it.

use airbyte_runtime::plan::{HeaderMap, HeaderValue, Method, PageToken, RequestBody, RequestDraft, Url};
use airbyte_runtime::prelude::*;
use airbyte_runtime::protocol::Message;
use airbyte_runtime::testing::{Request, Response};
use airbyte_runtime::{Batch, Connector};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::api::Api;
use super::child;
use super::reading::catalog;

/// An API that repeats what it is told.
#[source(
    base_url    = "{config.base_url}",
    auth        = bearer(config.token),
    headers     = { "x-key" = config.key },
    max_retries = 1,
    backoff     = constant("PT0.001S"),
    streams     = [InHeader, InQuery, InCookie, InBasic, InPath, InBody, InForm],
    check       = InHeader,
)]
pub(crate) struct Telling {
    /// Where the API is.
    base_url: String,
    /// A secret.
    token: Secret,
    /// A secret.
    key: Secret,
    /// A secret.
    password: Secret,
}

macro_rules! stream_with {
    ($name:ident, $path:tt, $($rest:tt)*) => {
        /// A stream in parts, each of which fails in another way.
        #[stream(
            source = Telling, path = $path, records = "data", paginator = next_url("next"),
            partition = list(fault = ["500", "401", "html", "garbled", "apology", "redirect", "circle", "reset", "link", "429"]),
            $($rest)*
        )]
        struct $name {
            id: u64,
        }
    };
}

stream_with!(InHeader, "/{partition.fault}",);
stream_with!(InQuery, "/{partition.fault}", auth = api_key(param = "api_key", value = config.key));
stream_with!(InCookie, "/{partition.fault}", auth = api_key(cookie = "session", value = config.token));
stream_with!(InBasic, "/{partition.fault}", auth = basic(username = "user", password = config.password));
stream_with!(InPath, "/{partition.fault}/bot{config.key|in_url}/rows",);
stream_with!(InBody, "/{partition.fault}", method = POST, body = { key = config.key, nested = { all = "{config.token}:{config.password}" } });
stream_with!(InForm, "/{partition.fault}", method = POST, form = { key = config.key });

const TOKEN: &str = "T0ken/with+odd=chars&\"quotes\"?";
const KEY: &str = "k3y with blanks and %41";
const PASSWORD: &str = "pässwörd<of>the{laws}";

const STREAMS: [&str; 7] = ["in_header", "in_query", "in_cookie", "in_basic", "in_path", "in_body", "in_form"];

/// What a careless API says: what it knows, in every spelling.
fn tell(secrets: &[&str]) -> String {
    let told = secrets.iter().map(|secret| {
        let encoded = [String::from(*secret), percent_encoded(secret, false), percent_encoded(secret, true)];
        format!(
            "{} and {} and {}",
            encoded.join(" and "),
            STANDARD.encode(secret),
            STANDARD.encode(format!("user:{secret}"))
        )
    });
    format!("you sent {}", told.collect::<Vec<_>>().join("; "))
}

fn percent_encoded(text: &str, lower_case: bool) -> String {
    let byte = |byte: u8| match byte {
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ if lower_case => format!("%{byte:02x}"),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn telling(request: &Request) -> Response {
    let fault = request.path.trim_matches('/').split('/').next().unwrap_or_default();
    let told = tell(&[TOKEN, KEY, PASSWORD]);
    let url = format!("http://127.0.0.1:1/elsewhere?key={}", percent_encoded(&told, false));
    match fault {
        "500" => Response::json(500, &json!({"message": told})),
        "401" => Response::json(401, &json!({"error": {"detail": told}})),
        "429" => Response::json(429, &json!({"message": told})).header("retry-after", "0"),
        "html" => Response::new(200).body(format!("<html>{told}</html>")),
        "garbled" => Response::new(200).body(format!("{{\"data\": [{{\"id\": 1}}, {told}]}}")),
        "apology" => Response::json(200, &json!({"errors": [{"message": told}]})),
        "redirect" => Response::new(302).header("location", url),
        "circle" => Response::json(
            200,
            &json!({"data": [{"id": 1}], "next": format!("/circle?key={}", percent_encoded(&told, true))}),
        ),
        "link" => Response::json(200, &json!({"data": [{"id": 1}], "next": url})),
        _ => Response::new(200).reset(),
    }
}

fn config(api: &Api) -> Value {
    json!({"base_url": api.url(), "token": TOKEN, "key": KEY, "password": PASSWORD})
}

/// Every spelling of a secret that may not be found.
fn spellings(secret: &str) -> Vec<String> {
    let json = json!(secret).to_string();
    let mut spellings = vec![
        secret.to_owned(),
        percent_encoded(secret, false).replace("%20", "+"),
        percent_encoded(secret, false),
        percent_encoded(secret, true),
        json.trim_matches('"').to_owned(),
    ];
    // Base64 of a text that holds the secret, at each of the three places where it may begin; the first and last
    // characters belong to its neighbours.
    for before in 0..3 {
        let bytes = [&b"xy"[..before.min(2)], secret.as_bytes()].concat();
        for text in [STANDARD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let text = text.trim_end_matches('=');
            spellings.push(text[if before == 0 { 0 } else { 4 }..text.len() - 4].to_owned());
        }
    }
    spellings
}

fn require_silence(said: &str) {
    for secret in [TOKEN, KEY, PASSWORD] {
        for spelling in spellings(secret) {
            let found = said.lines().find(|line| line.contains(&spelling));
            assert!(found.is_none(), "{spelling:?} is in the output: {}", found.unwrap_or_default());
        }
    }
}

/// A configuration that stops the program which wants to bring it up to date.
#[source(base_url = "https://api.example.com", migrate_config = [with(stumble)], streams = [Nowhere])]
pub(crate) struct Moving {}

#[stream(source = Moving, path = "/nowhere")]
struct Nowhere {
    id: u64,
}

fn stumble(config: &mut airbyte_runtime::plan::Map<String, Json>) -> Result<()> {
    panic!("no way to read {}", config["apiKey"])
}

#[test]
fn a_migration_that_panics_tells_no_value_under_whatever_key() {
    let config = json!({"apiKey": "the-older-secret"});
    let (status, said) = child::start("moving", "check", &[("config", &config)]).end();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains(r#"no way to read \"****\""#) && !said.contains("older"), "{said}");
}

#[test]
fn a_read_with_debug_logs_and_faults_everywhere_tells_no_secret() {
    let api = Api::answering(telling);
    let files: [(&str, &Value); 2] = [("config", &config(&api)), ("catalog", &catalog(&STREAMS))];
    let (status, said) = child::start("telling", "read", &files).end();
    assert_eq!(status.code(), Some(1));
    for expected in ["\"DEBUG\"", "\"ERROR\"", "****", "credentials are withheld", "api says: you sent"] {
        assert!(
            said.to_lowercase().contains(&expected.to_lowercase()),
            "the faults did not speak: no {expected} in {said}"
        );
    }
    require_silence(&said);
}

#[test]
fn check_and_discover_tell_no_secret() {
    let api = Api::answering(telling);
    for command in ["check", "discover", "spec"] {
        let files: &[(&str, &Value)] = if command == "spec" { &[] } else { &[("config", &config(&api))] };
        let (_, said) = child::start("telling", command, files).end();
        assert!(!said.is_empty());
        require_silence(&said);
    }
}

/// A configuration that is wrong is explained without showing it.
#[test]
fn a_wrong_configuration_is_explained_without_its_values() {
    let wrong = json!({"base_url": 5, "token": [TOKEN], "key": {"a": KEY}, "password": PASSWORD, "passwort": PASSWORD});
    let (_, said) = child::start("telling", "check", &[("config", &wrong)]).end();
    assert!(said.contains("FAILED"), "{said}");
    require_silence(&said);
}

/// The errors that a program gets from an embedded connector end in that program's log.
#[test]
fn the_errors_of_an_embedded_connector_tell_no_secret() {
    let api = Api::answering(|_| Response::json(500, &json!({"message": tell(&[KEY])})));
    let connector = Connector::<Leaky>::new(json!({"base_url": api.url(), "key": KEY}));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let error = runtime.block_on(connector.check()).expect_err("the API does not work");
    require_silence(&format!("{error} {error:?}"));
}

/// A secret in the path, as some APIs want it.
#[source(base_url = "{config.base_url}", streams = [Bot], max_retries = 0)]
struct Leaky {
    /// Where the API is.
    base_url: String,
    /// A secret.
    key: Secret,
}

/// A stream.
#[stream(source = Leaky, path = "/bot{config.key|in_url}/rows")]
struct Bot {
    id: u64,
}

#[test]
fn what_is_printed_for_debugging_holds_no_secret() {
    let config = json!({"base_url": "https://api.test", "token": TOKEN, "key": KEY, "password": PASSWORD});
    let Value::Object(fields) = &config else { panic!("an object") };
    let mut url = Url::parse(&format!("https://api.test/bot{}/rows", percent_encoded(KEY, true))).expect("a URL");
    url.query_pairs_mut().append_pair("key", KEY);
    let link = PageToken::Url(Url::parse_with_params("https://api.test/2", [("token", TOKEN)]).expect("a URL"));
    let bodies = [
        RequestBody::Json(config.clone()),
        RequestBody::Json(json!([TOKEN])),
        RequestBody::Form(vec![("key".to_owned(), KEY.to_owned())]),
        RequestBody::Text(format!("<password>{PASSWORD}</password>")),
    ];
    let mut said = format!(
        "{:?} {link:?} {:?} {:?}",
        Connector::<Telling>::new(config.clone()).with_state(json!([config])),
        Message::ConnectorConfig(fields),
        Batch::Message(json!({"type": "CONTROL", "control": {"connectorConfig": {"config": config}}})),
    );
    for body in bodies {
        let mut headers = HeaderMap::new();
        headers.insert("x-key", HeaderValue::from_static(KEY));
        let query = vec![("api_key".to_owned(), KEY.to_owned())];
        let draft = RequestDraft { method: Method::POST, url: url.clone(), query, headers, body };
        said += &format!(" {draft:?}");
    }
    require_silence(&said);
    for name in ["api.test", "api_key", "x-key", "base_url", "Telling"] {
        assert!(said.contains(name), "{name} is missing: {said}");
    }
}
