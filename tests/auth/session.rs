//! Sessions: logins by name and password, and tokens that the user has already.

use serde_json::{Value, json};

use super::run::{Events, FrontEnd, read, structs};
use super::service::{Rules, shown, start, start_with};
use super::sources::{WithLegacySession, WithSession, WithSessionHeader};

const BEARER: &str = r#"{
    "type": "SessionTokenAuthenticator", "session_token_path": ["data", "token"],
    "login_requester": {
        "type": "HttpRequester", "url_base": "{{ config['base_url'] }}", "path": "login", "http_method": "POST",
        "request_body_json": {"user": "{{ config['username'] }}", "password": "{{ config['password'] }}"}
    },
    "request_authentication": {"type": "Bearer"}
}"#;

const HEADER: &str = r#"{
    "type": "SessionTokenAuthenticator", "session_token_path": ["id"], "expiration_duration": "PT1H",
    "login_requester": {
        "type": "HttpRequester", "url_base": "{{ config['base_url'] }}", "path": "login", "http_method": "POST",
        "request_body_data": {"user": "{{ config['username'] }}", "password": "{{ config['password'] }}"}
    },
    "request_authentication": {
        "type": "ApiKey", "inject_into": {"type": "RequestOption", "inject_into": "header", "field_name": "X-Session"}
    }
}"#;

const LEGACY: &str = r#"{
    "type": "LegacySessionTokenAuthenticator", "header": "X-Session", "username": "{{ config['username'] }}",
    "password": "{{ config['password'] }}", "session_token": "{{ config.get('access_token', '') }}",
    "session_token_response_key": "id", "login_url": "/login", "validate_session_url": "/me"
}"#;

fn variants() -> Vec<(&'static str, FrontEnd<'static>)> {
    vec![
        ("bearer", structs::<WithSession>()),
        ("bearer of a manifest", FrontEnd::Manifest(BEARER)),
        ("header", structs::<WithSessionHeader>()),
        ("header of a manifest", FrontEnd::Manifest(HEADER)),
        ("legacy", structs::<WithLegacySession>()),
        ("legacy of a manifest", FrontEnd::Manifest(LEGACY)),
    ]
}

fn config(url: &str, parts: u64, workers: u32) -> Value {
    json!({
        "base_url": url, "parts": (1..=parts).map(|part| part.to_string()).collect::<Vec<_>>(), "workers": workers,
        "username": "me", "password": "the-password",
    })
}

#[test]
fn one_login_serves_all_that_wait() {
    for (name, front_end) in variants() {
        let events = Events::default();
        let server = start(&events, Rules::default());
        read(front_end, &config(&server.url(), 32, 32), &events);
        assert_eq!(events.ids(), (1..=32).collect::<Vec<_>>(), "{name}: {:?}", events.failure());
        assert_eq!(events.asked("/login").len(), 1, "{name}");
        events.require_hidden(&["the-password", "ACCESS-1"]);
    }
}

#[test]
fn a_session_that_ends_in_the_middle_is_opened_again_and_the_request_sent_again() {
    for (name, front_end) in variants() {
        for workers in [1, 4] {
            let events = Events::default();
            let server = start(&events, Rules { uses: 5, ..Rules::default() });
            read(front_end, &config(&server.url(), 8, workers), &events);
            assert_eq!(events.ids(), (1..=8).collect::<Vec<_>>(), "{name}: {:?}", events.failure());
            assert_eq!(events.asked("/login").len(), 2, "{name}, {workers} workers");
        }
    }
}

#[test]
fn a_request_in_flight_while_another_logs_in_uses_that_session() {
    for (name, front_end) in variants() {
        let events = Events::default();
        let rules = Rules { uses: 0, late: Some(("/rows/1", 400)), ..Rules::default() };
        let server = start_with(&events, rules, "ACCESS-2");
        read(front_end, &config(&server.url(), 2, 2), &events);
        assert_eq!(events.ids(), [1, 2], "{name}: {:?}", events.failure());
        assert_eq!(events.asked("/login").len(), 2, "{name}");
        let late: Vec<_> = events.asked("/rows/1").iter().filter_map(shown).collect();
        assert_eq!(late, ["ACCESS-1", "ACCESS-2"], "{name}");
    }
}

#[test]
fn a_refused_login_says_why_and_no_secret() {
    for (name, front_end) in variants() {
        let events = Events::default();
        let server = start(&events, Rules { refuses: true, ..Rules::default() });
        read(front_end, &config(&server.url(), 3, 3), &events);
        let (_, message) = events.failure().unwrap_or_default();
        assert!(message.contains("wrong password") || name.ends_with("manifest"), "{name}: {message}");
        assert!(!message.is_empty() && events.asked("/rows/").is_empty(), "{name}: {message}");
        assert_eq!(events.asked("/login").len(), 1, "{name}");
        events.require_hidden(&["the-password"]);
    }
}

/// A session that the user has already is used if the API still accepts it.
#[test]
fn a_configured_session_is_checked_first() {
    for front_end in [structs::<WithLegacySession>(), FrontEnd::Manifest(LEGACY)] {
        for (token, logins) in [("ACCESS-0", 0), ("OLD", 1)] {
            let events = Events::default();
            let server = start_with(&events, Rules::default(), "ACCESS-0");
            let mut config = config(&server.url(), 2, 2);
            config["access_token"] = token.into();
            read(front_end, &config, &events);
            assert_eq!(events.ids(), [1, 2], "{token}: {:?}", events.failure());
            assert_eq!((events.asked("/me").is_empty(), events.asked("/login").len()), (false, logins), "{token}");
        }
    }
}
