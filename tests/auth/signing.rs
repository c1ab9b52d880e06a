//! Requests that are signed, and keys that stand in one place.

use airbyte_runtime::testing::{Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac};
use serde_json::{Value, json};

use super::run::{Events, FrontEnd, read, serve, structs};
use super::sources::{WithAws, WithBasic, WithCookie, WithHmac, WithNothing};

const AWS: &str = r#"{
    "type": "AwsSigV4Authenticator", "access_key_id": "{{ config['client_id'] }}",
    "secret_access_key": "{{ config['secret_key'] }}", "session_token": "{{ config['access_token'] }}",
    "region": "eu-west-1", "service": "execute-api"
}"#;

const HMAC: &str = r#"{
    "type": "HmacAuthenticator", "secret": "{{ config['secret_key'] }}", "algorithm": "SHA512",
    "signed_parts": ["v1", "timestamp", "method", "path_and_query", "body_sha256"], "separator": ".",
    "encoding": "base64", "prefix": "HMAC {{ config['client_id'] }}:", "timestamp_format": "%ms",
    "inject_into": {"type": "RequestOption", "inject_into": "header", "field_name": "Authorization"},
    "inject_timestamp_into": {"type": "RequestOption", "inject_into": "header", "field_name": "X-Timestamp"}
}"#;

const BASIC: &str = r#"{
    "type": "BasicHttpAuthenticator", "username": "{{ config['client_id'] }}",
    "password": "{{ config['client_secret'] }}"
}"#;

const KEY: &str = "the-secret-key";

fn config(url: &str) -> Value {
    json!({
        "base_url": url, "parts": ["1", "2"], "workers": 2, "client_id": "the-client", "secret_key": KEY,
        "access_token": "the-session-token", "client_secret": "the-client-secret",
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// What an API of AWS computes from a request as it arrived.
fn aws_signature(request: &Request) -> Option<String> {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let time = header("x-amz-date");
    let headers = format!(
        "host:{}\nx-amz-date:{time}\nx-amz-security-token:{}\n",
        header("host"),
        header("x-amz-security-token")
    );
    let names = "host;x-amz-date;x-amz-security-token";
    let canonical = format!("{}\n{}\n\n{headers}\n{names}\n{}", request.method, request.path, sha256(""));
    let scope = format!("{}/eu-west-1/execute-api/aws4_request", time.get(..8)?);
    let sign =
        |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec();
    let key = scope.split('/').fold(format!("AWS4{KEY}").into_bytes(), |key, part| sign(&key, part));
    let signature = hex(&sign(&key, &format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(&canonical))));
    Some(format!("AWS4-HMAC-SHA256 Credential=the-client/{scope}, SignedHeaders={names}, Signature={signature}"))
}

fn hmac_signature(request: &Request) -> String {
    let time = request.header("x-timestamp").unwrap_or_default();
    let text = format!("v1.{time}.{}.{}.{}", request.method, request.path, sha256(""));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, KEY.as_bytes()), text.as_bytes());
    format!("HMAC the-client:{}", STANDARD.encode(signature.as_ref()))
}

/// Reads the rows of an API that wants this value of the header.
fn read_with(front_end: FrontEnd<'_>, header: &'static str, wanted: fn(&Request) -> Option<String>) -> Events {
    let events = Events::default();
    let server = serve(&events, move |request| {
        if request.header(header).map(str::to_owned) != wanted(request) {
            return Response::json(401, &json!({"message": "not the signature"}));
        }
        let id: u64 = request.path.trim_start_matches("/rows/").parse().unwrap_or(0);
        Response::json(200, &json!([{ "id": id }]))
    });
    read(front_end, &config(&server.url()), &events);
    events.require_hidden(&[KEY, "the-session-token", "the-client-secret"]);
    events
}

#[test]
fn aws_finds_its_signature() {
    for front_end in [structs::<WithAws>(), FrontEnd::Manifest(AWS)] {
        let events = read_with(front_end, "authorization", aws_signature);
        assert_eq!(events.ids(), [1, 2], "{:?}", events.failure());
    }
}

#[test]
fn the_api_finds_the_signature_of_the_shared_secret() {
    for front_end in [structs::<WithHmac>(), FrontEnd::Manifest(HMAC)] {
        let events = read_with(front_end, "authorization", |request| Some(hmac_signature(request)));
        assert_eq!(events.ids(), [1, 2], "{:?}", events.failure());
        let time = events.asked("/rows/1")[0].header("x-timestamp").unwrap_or_default().len();
        assert_eq!(time, "1700000000000".len(), "in milliseconds");
    }
}

#[test]
fn name_and_password_are_sent_as_basic_authentication() {
    let wanted = |_: &Request| Some(format!("Basic {}", STANDARD.encode("the-client:the-client-secret")));
    for front_end in [structs::<WithBasic>(), FrontEnd::Manifest(BASIC)] {
        assert_eq!(read_with(front_end, "authorization", wanted).ids(), [1, 2]);
    }
}

#[test]
fn a_key_is_sent_as_a_cookie() {
    assert_eq!(read_with(structs::<WithCookie>(), "cookie", |_| Some(format!("session={KEY}"))).ids(), [1, 2]);
}

#[test]
fn nothing_is_sent_without_authentication() {
    for front_end in [structs::<WithNothing>(), FrontEnd::Manifest(r#"{"type": "NoAuth"}"#)] {
        assert_eq!(read_with(front_end, "authorization", |_| None).ids(), [1, 2]);
    }
}
