//! Tokens that are signed by the connector.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use airbyte_runtime::testing::{Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use super::run::{Events, FrontEnd, read, serve, structs};
use super::sources::WithJwt;

const MANIFEST: &str = r#"{
    "type": "JwtAuthenticator", "algorithm": "HS256", "secret_key": "{{ config['secret_key'] }}",
    "header_prefix": "Bearer", "token_duration": 7,
    "jwt_headers": {"kid": "key-1"}, "additional_jwt_headers": {"v": "{{ 2 }}"},
    "jwt_payload": {"iss": "{{ config['client_id'] }}", "aud": "https://api.example.com"},
    "additional_jwt_payload": {"scope": "read {{ config['client_id'] }}", "flag": "{{ true }}"}
}"#;

const KEY: &str = "the-secret-key-of-the-tests-is-long";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|elapsed| elapsed.as_secs()).unwrap_or_default()
}

/// The header and the claims of a token whose signature holds.
fn verified(request: &Request) -> Option<(Value, Value)> {
    let token = request.header("authorization")?.strip_prefix("Bearer ")?;
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes()), signed.as_bytes(), &signature).ok()?;
    let part = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
    let (header, claims) = signed.split_once('.')?;
    Some((part(header)?, part(claims)?))
}

fn config(url: &str, parts: u64, workers: u32) -> Value {
    let parts: Vec<String> = (1..=parts).map(|part| part.to_string()).collect();
    json!({"base_url": url, "parts": parts, "workers": workers, "client_id": "the-client", "secret_key": KEY})
}

#[test]
fn every_token_is_signed_and_valid_when_it_arrives() {
    for front_end in [structs::<WithJwt>(), FrontEnd::Manifest(MANIFEST)] {
        let events = Events::default();
        // Slow enough for the first token to end during the read.
        let server = serve(&events, |request| match verified(request) {
            Some((_, claims)) if claims["exp"].as_u64() >= Some(now()) && claims["nbf"].as_u64() <= Some(now()) => {
                let id: u64 = request.path.trim_start_matches("/rows/").parse().unwrap_or(0);
                Response::json(200, &json!([{ "id": id }])).delay(Duration::from_millis(700))
            }
            _ => Response::json(401, &json!({"message": "not a valid token"})),
        });
        read(front_end, &config(&server.url(), 24, 8), &events);
        assert_eq!(events.ids(), (1..=24).collect::<Vec<_>>(), "{:?}", events.failure());
        let requests = events.asked("/rows/");
        let (header, claims) = verified(&requests[0]).expect("a token");
        assert_eq!(header, json!({"alg": "HS256", "kid": "key-1", "typ": "JWT", "v": 2}));
        let claim = |name: &str| claims[name].clone();
        assert_eq!(
            [claim("iss"), claim("aud"), claim("scope"), claim("flag")],
            [json!("the-client"), json!("https://api.example.com"), json!("read the-client"), json!(true)]
        );
        assert_eq!(claims["exp"].as_u64(), claims["iat"].as_u64().map(|issued| issued + 7));
        let tokens: std::collections::HashSet<_> =
            requests.iter().filter_map(|it| it.header("authorization")).collect();
        assert!(tokens.len() > 1, "a token is signed anew before it ends");
        events.require_hidden(&[KEY]);
    }
}

#[test]
fn a_refused_token_is_a_config_error() {
    let events = Events::default();
    let server = serve(&events, |_| Response::json(401, &json!({"message": "unknown key"})));
    read(structs::<WithJwt>(), &config(&server.url(), 1, 1), &events);
    let (kind, message) = events.failure().unwrap_or_default();
    assert_eq!(kind, "config_error");
    assert!(message.contains("the API refused the credentials (the API says: unknown key)"), "{message}");
    assert_eq!(events.asked("/rows/").len(), 1, "another token would be refused, too");
}
