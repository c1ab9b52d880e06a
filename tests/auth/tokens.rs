//! Several tokens, each with a quota.

use std::collections::HashMap;
use std::sync::Mutex;

use airbyte_runtime::testing::{Request, Response, Server};
use serde_json::{Value, json};

use super::run::{Events, FrontEnd, read, serve, structs};
use super::sources::WithTokens;

const MANIFEST: &str = r#"{
    "type": "RateLimitedMultipleTokenAuthenticator", "tokens": "{{ config['tokens'] }}",
    "quota_status_source": {
        "type": "QuotaStatusSource", "url": "{{ config['base_url'] }}/rate_limit", "request_headers": {"X-Api": "1"}
    },
    "quotas": [
        {
            "type": "TokenQuota", "name": "rows", "remaining_path": ["rows", "remaining"],
            "reset_path": ["rows", "reset"], "limit_path": ["rows", "limit"],
            "matchers": [{"type": "HttpRequestRegexMatcher", "method": "GET", "url_path_pattern": "^/rows/"}],
            "exhaustion_status_codes": [429]
        },
        {"type": "TokenQuota", "name": "other", "remaining_path": ["other", "remaining"], "reset_path": ["other", "reset"]}
    ],
    "budget_reserve_fraction": 0.0, "budget_min_reserve": 0, "max_wait_time": "PT1S"
}"#;

/// An API that counts: each token has so many requests.
fn api(events: &Events, quotas: &'static [(&'static str, usize)]) -> Server {
    let left: Mutex<HashMap<&str, usize>> = Mutex::new(quotas.iter().copied().collect());
    serve(events, move |request| {
        let mut left = left.lock().expect("no handler panics");
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let Some(left) = left.get_mut(token) else { return Response::json(401, &json!({"message": "who?"})) };
        if request.path == "/rate_limit" {
            let reset = "2999-01-01T00:00:00Z";
            let quota = |remaining: usize| json!({"remaining": remaining, "limit": 100, "reset": reset});
            return Response::json(200, &json!({"rows": quota(*left), "other": quota(5)}));
        }
        match left.checked_sub(1) {
            Some(rest) => {
                *left = rest;
                let id: u64 = request.path.trim_start_matches("/rows/").parse().unwrap_or(0);
                Response::json(200, &json!([{ "id": id }]))
            }
            None => Response::json(429, &json!({"message": "too many"})),
        }
    })
}

fn config(url: &str, parts: u64) -> Value {
    let parts: Vec<String> = (1..=parts).map(|part| part.to_string()).collect();
    json!({"base_url": url, "parts": parts, "workers": 8, "tokens": "token-one, token-two"})
}

fn sent_with(requests: &[Request], token: &str) -> usize {
    let value = format!("Bearer {token}");
    requests.iter().filter(|request| request.header("authorization") == Some(&*value)).count()
}

#[test]
fn a_token_takes_over_when_the_quota_of_another_is_spent() {
    for front_end in [structs::<WithTokens>(), FrontEnd::Manifest(MANIFEST)] {
        let events = Events::default();
        let server = api(&events, &[("token-one", 7), ("token-two", 9)]);
        read(front_end, &config(&server.url(), 16), &events);
        assert_eq!(events.ids(), (1..=16).collect::<Vec<_>>(), "{:?}", events.failure());
        let rows = events.asked("/rows/");
        assert_eq!((sent_with(&rows, "token-one"), sent_with(&rows, "token-two")), (7, 9));
        assert_eq!(events.asked("/rate_limit").len(), 2, "each token's quotas are asked for once");
        assert!(events.asked("/rate_limit").iter().all(|request| request.header("x-api") == Some("1")));
        events.require_hidden(&["token-one", "token-two"]);
    }
}

#[test]
fn spent_quotas_are_waited_for_no_longer_than_allowed() {
    for front_end in [structs::<WithTokens>(), FrontEnd::Manifest(MANIFEST)] {
        let events = Events::default();
        let server = api(&events, &[("token-one", 1), ("token-two", 1)]);
        read(front_end, &config(&server.url(), 3), &events);
        assert_eq!(events.ids().len(), 2);
        let (kind, message) = events.failure().unwrap_or_default();
        assert_eq!(kind, "transient_error");
        assert!(message.contains("sync less often or add tokens"), "{message}");
    }
}

#[test]
fn tokens_that_the_api_refuses_are_a_config_error() {
    for front_end in [structs::<WithTokens>(), FrontEnd::Manifest(MANIFEST)] {
        let events = Events::default();
        let server = api(&events, &[("another-token", 1)]);
        read(front_end, &config(&server.url(), 3), &events);
        let (kind, message) = events.failure().unwrap_or_default();
        assert_eq!(kind, "config_error", "{message}");
        assert!(message.contains("check the tokens"), "{message}");
        events.require_hidden(&["token-one", "token-two"]);
    }
}
