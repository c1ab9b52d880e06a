//! OAuth in all variants.

use serde_json::{Value, json};

use super::run::{Event, Events, FrontEnd, read, structs};
use super::service::{Rules, form, shown, start};
use super::sources::{WithAssertion, WithClient, WithOAuth, WithSingleUse, WithToken};

const OAUTH: &str = r#"{
    "type": "OAuthAuthenticator", "token_refresh_endpoint": "{{ config['base_url'] }}/token",
    "client_id": "{{ config['client_id'] }}", "client_secret": "{{ config['client_secret'] }}",
    "refresh_token": "{{ config['refresh_token'] }}"
}"#;

const SINGLE_USE: &str = r#"{
    "type": "OAuthAuthenticator", "token_refresh_endpoint": "{{ config['base_url'] }}/token",
    "client_id": "{{ config['client_id'] }}", "client_secret": "{{ config['client_secret'] }}",
    "refresh_token": "{{ config['refresh_token'] }}",
    "refresh_token_updater": {
        "refresh_token_config_path": ["refresh_token"], "access_token_config_path": ["access_token"],
        "token_expiry_date_config_path": ["token_expiry_date"]
    }
}"#;

const CLIENT: &str = r#"{
    "type": "OAuthAuthenticator", "token_refresh_endpoint": "{{ config['base_url'] }}/token",
    "client_id": "{{ config['client_id'] }}", "client_secret": "{{ config['client_secret'] }}",
    "grant_type": "client_credentials"
}"#;

const ASSERTION: &str = r#"{
    "type": "OAuthAuthenticator", "token_refresh_endpoint": "{{ config['base_url'] }}/token",
    "use_profile_assertion": true,
    "profile_assertion": {
        "type": "JwtAuthenticator", "algorithm": "HS256", "secret_key": "{{ config['secret_key'] }}",
        "token_duration": 300, "jwt_payload": {"iss": "{{ config['client_id'] }}"}
    }
}"#;

const TOKEN: &str = r#"{
    "type": "OAuthAuthenticator", "access_token_value": "{{ config['access_token'] }}",
    "client_id": "{{ config['client_id'] }}", "client_secret": "{{ config['client_secret'] }}",
    "refresh_token": "{{ config['refresh_token'] }}"
}"#;

const SECRETS: [&str; 4] = ["the-client-secret", "REFRESH-0", "ACCESS-1", "the-secret-key"];

/// Every variant that fetches tokens, from both front ends.
fn variants() -> Vec<(&'static str, FrontEnd<'static>)> {
    vec![
        ("oauth", structs::<WithOAuth>()),
        ("oauth of a manifest", FrontEnd::Manifest(OAUTH)),
        ("single use", structs::<WithSingleUse>()),
        ("single use of a manifest", FrontEnd::Manifest(SINGLE_USE)),
        ("client credentials", structs::<WithClient>()),
        ("client credentials of a manifest", FrontEnd::Manifest(CLIENT)),
        ("assertion", structs::<WithAssertion>()),
        ("assertion of a manifest", FrontEnd::Manifest(ASSERTION)),
    ]
}

fn config(url: &str, parts: u64, workers: u32) -> Value {
    json!({
        "base_url": url, "parts": (1..=parts).map(|part| part.to_string()).collect::<Vec<_>>(), "workers": workers,
        "client_id": "the-client", "client_secret": "the-client-secret", "refresh_token": "REFRESH-0",
        "secret_key": "the-secret-key-of-the-tests-is-long",
    })
}

/// Reads the rows of a server with these rules.
fn run(front_end: FrontEnd<'_>, rules: Rules, parts: u64, workers: u32) -> Events {
    let events = Events::default();
    let server = start(&events, rules);
    read(front_end, &config(&server.url(), parts, workers), &events);
    events
}

#[test]
fn one_refresh_serves_all_that_wait() {
    for (name, front_end) in variants() {
        let events = run(front_end, Rules { rotates: name.starts_with("single"), ..Rules::default() }, 32, 32);
        assert_eq!(events.ids(), (1..=32).collect::<Vec<_>>(), "{name}: {:?}", events.failure());
        assert_eq!(events.asked("/token").len(), 1, "{name}");
        let tokens: Vec<_> = events.asked("/rows/").iter().map(shown).collect();
        assert_eq!(tokens, vec![Some("ACCESS-1".to_owned()); 32], "{name}");
        events.require_hidden(&SECRETS);
    }
}

#[test]
fn a_token_that_expires_in_the_middle_is_replaced_and_the_request_sent_again() {
    for (name, front_end) in variants() {
        for workers in [1, 4] {
            let rules = Rules { uses: 5, rotates: name.starts_with("single"), ..Rules::default() };
            let events = run(front_end, rules, 8, workers);
            assert_eq!(events.ids(), (1..=8).collect::<Vec<_>>(), "{name}: {:?}", events.failure());
            assert_eq!(events.asked("/token").len(), 2, "{name}");
            let refused: Vec<_> = events.asked("/rows/").into_iter().map(|request| request.path).collect();
            assert!(refused.len() > 8, "{name}: one request was sent twice at least");
        }
    }
}

/// A late 401 to a token that was replaced meanwhile fetches nothing.
#[test]
fn a_request_in_flight_while_another_refreshes_uses_that_token() {
    for (name, front_end) in variants() {
        let rules = Rules { uses: 0, late: Some(("/rows/1", 400)), ..Rules::default() };
        let events = Events::default();
        // The second token is good: only the first is refused from the start.
        let server = super::service::start_with(&events, rules, "ACCESS-2");
        read(front_end, &config(&server.url(), 2, 2), &events);
        assert_eq!(events.ids(), [1, 2], "{name}: {:?}", events.failure());
        assert_eq!(events.asked("/token").len(), 2, "{name}");
        let late: Vec<_> = events.asked("/rows/1").iter().map(shown).collect();
        assert_eq!(late, [Some("ACCESS-1".to_owned()), Some("ACCESS-2".to_owned())], "{name}");
    }
}

#[test]
fn a_refused_refresh_token_asks_the_user_to_authenticate_again() {
    for (name, front_end) in variants() {
        let events = run(front_end, Rules { refuses: true, ..Rules::default() }, 3, 3);
        let (kind, message) = events.failure().unwrap_or_default();
        assert_eq!(kind, "config_error", "{name}: {message}");
        assert!(message.contains("authenticate again in the settings of this source"), "{name}: {message}");
        assert!(events.asked("/rows/").is_empty(), "{name}");
        assert_eq!(events.asked("/token").len(), 1, "{name}: a refusal is shared, too");
        events.require_hidden(&SECRETS);
    }
}

/// The platform knows the new tokens before anyone uses them, and each refresh token is used once.
#[test]
fn a_rotated_refresh_token_is_told_before_its_first_use() {
    for front_end in [structs::<WithSingleUse>(), FrontEnd::Manifest(SINGLE_USE)] {
        let events = run(front_end, Rules { rotates: true, uses: 4, ..Rules::default() }, 12, 4);
        assert_eq!(events.ids(), (1..=12).collect::<Vec<_>>(), "{:?}", events.failure());
        let mut told: Vec<(String, String)> = vec![(String::new(), "REFRESH-0".to_owned())];
        for event in events.all() {
            match event {
                Event::Said(message) if message["type"] == "CONTROL" => {
                    let config = &message["control"]["connectorConfig"]["config"];
                    let text = |key: &str| config[key].as_str().unwrap_or_default().to_owned();
                    told.push((text("access_token"), text("refresh_token")));
                    assert_eq!(text("client_secret"), "the-client-secret", "the whole configuration is told");
                    assert!(text("token_expiry_date").starts_with("20"), "{config}");
                }
                Event::Said(_) => {}
                Event::Asked(request) if request.path == "/token" => {
                    let used = form(&request).remove("refresh_token");
                    assert_eq!(used.as_ref(), told.last().map(|(_, refresh)| refresh), "the newest refresh token");
                }
                Event::Asked(request) => {
                    let token = shown(&request).unwrap_or_default();
                    assert!(told.iter().any(|(access, _)| *access == token), "{token} was used before it was told");
                }
            }
        }
        assert!(told.len() >= 4, "{told:?}");
        assert_eq!(told.len() - 1, events.asked("/token").len());
    }
}

/// The tokens of the last sync are used while they are valid.
#[test]
fn stored_tokens_are_used_until_their_end() {
    for front_end in [structs::<WithSingleUse>(), FrontEnd::Manifest(SINGLE_USE)] {
        for (date, fetched) in [("2999-01-01T00:00:00Z", 0), ("2001-01-01T00:00:00Z", 1)] {
            let events = Events::default();
            let server = super::service::start_with(&events, Rules { rotates: true, ..Rules::default() }, "ACCESS-0");
            let mut config = config(&server.url(), 1, 1);
            config["access_token"] = "ACCESS-0".into();
            config["token_expiry_date"] = date.into();
            read(front_end, &config, &events);
            assert_eq!(events.ids(), [1], "{date}: {:?}", events.failure());
            assert_eq!(events.asked("/token").len(), fetched, "{date}");
        }
    }
}

/// A token that is over at once is fetched for each request, as its service says; twice for a manifest, as by the Python
/// CDK.
#[test]
fn a_token_that_ends_at_once_is_fetched_for_each_request() {
    for (front_end, expected) in [
        (structs::<WithOAuth>(), ["ACCESS-1", "ACCESS-2", "ACCESS-3"]),
        (FrontEnd::Manifest(OAUTH), ["ACCESS-2", "ACCESS-4", "ACCESS-6"]),
    ] {
        let events = run(front_end, Rules { lifetime: Some(0), ..Rules::default() }, 3, 1);
        assert_eq!(events.ids(), [1, 2, 3], "{:?}", events.failure());
        let tokens: Vec<_> = events.asked("/rows/").iter().filter_map(shown).collect();
        assert_eq!(tokens, expected);
    }
}

#[test]
fn the_request_for_a_token_is_what_the_attribute_says() {
    let events = run(structs::<WithClient>(), Rules::default(), 1, 1);
    let request = &events.asked("/token")[0];
    assert_eq!(request.header("authorization"), Some("Basic dGhlLWNsaWVudDp0aGUtY2xpZW50LXNlY3JldA=="));
    assert_eq!(request.header("x-tenant"), Some("t-the-client"));
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        ("grant_type", "client_credentials"),
        ("audience", "https://api.example.com"),
        ("tenant", "the-client"),
        ("scope", "read write"),
    ];
    assert_eq!(form, expected);
    events.require_hidden(&["dGhlLWNsaWVudDp0aGUtY2xpZW50LXNlY3JldA=="]);
}

#[test]
fn a_token_alone_is_used_for_ever() {
    for front_end in [structs::<WithToken>(), FrontEnd::Manifest(TOKEN)] {
        let events = Events::default();
        let server = super::service::start_with(&events, Rules::default(), "ACCESS-7");
        let mut config = config(&server.url(), 3, 1);
        config["access_token"] = "ACCESS-7".into();
        read(front_end, &config, &events);
        assert_eq!(events.ids(), [1, 2, 3]);
        assert!(events.asked("/token").is_empty());
    }
}
