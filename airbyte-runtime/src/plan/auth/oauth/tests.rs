use std::time::Duration as StdDuration;

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::error::ErrorKind;
use crate::output::{Output, queue, write_to};
use crate::plan::auth::jwt::{Algorithm, JwtSettings};
use crate::plan::auth::scripted::{Templates, authenticated, client, header, run};
use crate::testing::{Request, Response as Reply, Script, ScriptedApi};

fn config() -> Value {
    json!({"client_id": "007", "client_secret": "s&c", "rt": "RT 1"})
}

/// The settings of a manifest that names the endpoint, the client and the refresh token only.
fn settings(templates: &Templates, api: &ScriptedApi) -> OAuthSettings {
    let template = |text: &str| templates.setting(text);
    OAuthSettings {
        token_refresh_endpoint: Some(template(&format!("{}/token", api.url()))),
        client_id_name: template("client_id"),
        client_id: Some(template("{{ config['client_id'] }}")),
        client_secret_name: template("client_secret"),
        client_secret: Some(template("{{ config['client_secret'] }}")),
        refresh_token_name: template("refresh_token"),
        refresh_token: Some(template("{{ config['rt'] }}")),
        access_token_name: template("access_token"),
        access_token_value: None,
        expires_in_name: template("expires_in"),
        grant_type_name: template("grant_type"),
        grant_type: template("refresh_token"),
        scopes: Vec::new(),
        refresh_request_body: SettingMapping::default(),
        refresh_request_headers: SettingMapping::default(),
        send_refresh_request_as_query_params: false,
        token_expiry_date: None,
        expires_in_is_a_date: false,
        profile_assertion: None,
        refusals: Refusals::default(),
        renews_after_refusal: false,
        fetches_expired_twice: false,
    }
}

fn oauth(settings: OAuthSettings) -> OAuth {
    oauth_with(settings, None).unwrap()
}

fn oauth_with(settings: OAuthSettings, updater: Option<RefreshTokenUpdater>) -> Result<OAuth> {
    let redactor = Redactor::default();
    OAuth::new(settings, updater, Collision::Refuse, client(&redactor), redactor)
}

/// An API that answers every token request with the same JSON.
fn api(answer: Value) -> ScriptedApi {
    Script::new().on(Method::POST, "/token").reply(Reply::json(200, &answer)).start()
}

/// An API that answers with a new token each time.
fn counting(lifetime: i64) -> ScriptedApi {
    let answer = |count| {
        let json =
            json!({"access_token": format!("A{count}"), "expires_in": lifetime, "refresh_token": format!("R{count}")});
        Reply::json(200, &json).delay(StdDuration::from_millis(20))
    };
    Script::new().on(Method::POST, "/token").replies((1..9).map(answer)).start()
}

fn body(request: &Request) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

#[test]
fn the_request_is_that_of_the_python_cdk() {
    let templates = Templates::new(&config());
    type Change = fn(&Templates, &mut OAuthSettings);
    let table: [(Change, &str, &str); 8] = [
        (|_, _| {}, "", "grant_type=refresh_token&client_id=007&client_secret=s%26c&refresh_token=RT+1"),
        (
            |templates, settings| {
                settings.grant_type = templates.setting("client_credentials");
                settings.refresh_token = None;
                settings.scopes = vec!["a".to_owned(), "b".to_owned()];
                settings.refresh_request_body = templates.mapping(json!({"x": "1"}));
                settings.refresh_request_headers = templates.mapping(json!({"Authorization": "Basic eA=="}));
            },
            "",
            "grant_type=client_credentials&scopes=a&scopes=b&x=1",
        ),
        (
            |templates, settings| {
                settings.refresh_request_headers = templates.mapping(json!({"authorization": "Basic eA=="}));
            },
            "",
            "grant_type=refresh_token&client_id=007&client_secret=s%26c&refresh_token=RT+1",
        ),
        (
            |_, settings| settings.send_refresh_request_as_query_params = true,
            "grant_type=refresh_token&client_id=007&client_secret=s%26c&refresh_token=RT+1",
            "",
        ),
        (
            |templates, settings| {
                settings.grant_type = templates.setting("client_credentials");
                settings.refresh_token = None;
                let body = json!({"client_id": "other", "refresh_token": "other", "n": 5, "e": "", "l": "{{ [1, 2] }}", "t": "1e5"});
                settings.refresh_request_body = templates.mapping(body);
            },
            "",
            "grant_type=client_credentials&client_id=007&client_secret=s%26c&n=5&l=1&l=2&t=100000.0",
        ),
        (
            |templates, settings| {
                settings.grant_type_name = templates.setting("g");
                settings.client_id_name = templates.setting("c");
                settings.client_secret_name = templates.setting("s");
                settings.refresh_token_name = templates.setting("r");
            },
            "",
            "g=refresh_token&c=007&s=s%26c&r=RT+1",
        ),
        (
            |templates, settings| settings.client_secret = Some(templates.setting("")),
            "",
            "grant_type=refresh_token&client_id=007&client_secret=&refresh_token=RT+1",
        ),
        (
            |templates, settings| {
                settings.client_id = None;
                let key = JwtSettings {
                    algorithm: Algorithm::parse("HS256").unwrap(),
                    secret_key: templates.setting("secret"),
                    base64_encode_secret_key: false,
                    passphrase: None,
                    token_duration: 0,
                    header_prefix: Some(templates.setting("ey")),
                    kid: None,
                    typ: None,
                    cty: None,
                    iss: None,
                    sub: None,
                    aud: None,
                    additional_headers: SettingMapping::default(),
                    additional_payload: SettingMapping::default(),
                };
                settings.profile_assertion = Some(Arc::new(JwtSigner::new(key, Redactor::default())));
            },
            "",
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey+eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        ),
    ];
    for (change, query, expected) in table {
        let api = api(json!({"access_token": "AT", "expires_in": 3600}));
        let mut settings = settings(&templates, &api);
        change(&templates, &mut settings);
        assert_eq!(run(header(&oauth(settings), "authorization")).unwrap(), "Bearer AT");
        let request = &api.requests()[0];
        // An assertion has a signature that depends on the time.
        assert_eq!(body(request).split(".eyJ").next().unwrap(), expected);
        assert_eq!(
            request.to_string(),
            if query.is_empty() { "POST /token".to_owned() } else { format!("POST /token?{query}") }
        );
    }
}

#[test]
fn a_header_that_becomes_a_number_is_an_error() {
    let api = api(json!({"access_token": "AT"}));
    let templates = Templates::new(&json!({"n": "5", "client_id": "a", "client_secret": "b", "rt": "c"}));
    let mut settings = settings(&templates, &api);
    settings.refresh_request_headers = templates.mapping(json!({"X": "{{ config['n'] }}"}));
    let error = run(header(&oauth(settings), "authorization")).unwrap_err();
    assert!(error.message().starts_with("the refresh request's header `X` is not text"), "{error}");
    assert!(api.requests().is_empty());
}

#[test]
fn one_refresh_serves_many_requests() {
    for lifetime in [3600, 0, -5] {
        let api = counting(lifetime);
        let auth = oauth(settings(&Templates::new(&config()), &api));
        let headers = run(join_all((0..20).map(|_| header(&auth, "authorization"))));
        assert!(headers.into_iter().all(|header| header.unwrap() == "Bearer A1"));
        assert_eq!(api.requests().len(), 1, "{lifetime}");
        let later = if lifetime > 0 { "Bearer A1" } else { "Bearer A2" };
        assert_eq!(run(header(&auth, "authorization")).unwrap(), later);
        assert_eq!(auth.tokens.redactor.redact("A1 R1 RT 1 s&c"), "A1 R1 **** ****", "two characters are no secret");
    }
}

#[test]
fn a_forced_refresh_is_shared_and_not_repeated() {
    let api = counting(3600);
    let auth = oauth(settings(&Templates::new(&config()), &api));
    let first = run(authenticated(&auth)).unwrap();
    run(join_all((0..9).map(|_| auth.refresh(&first)))).into_iter().for_each(|outcome| outcome.unwrap());
    assert_eq!(api.requests().len(), 2);
    run(join_all((0..9).map(|_| auth.refresh(&first)))).into_iter().for_each(|outcome| outcome.unwrap());
    assert_eq!(api.requests().len(), 2);
    let second = run(authenticated(&auth)).unwrap();
    run(join_all((0..9).map(|_| auth.refresh(&second)))).into_iter().for_each(|outcome| outcome.unwrap());
    assert_eq!(api.requests().len(), 3);
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer A3");
}

/// The Python CDK gives up.
#[test]
fn a_token_that_ended_on_the_way_is_renewed() {
    let (lasting, ended) = (counting(3600), counting(30));
    let auth = oauth(settings(&Templates::new(&config()), &lasting));
    let sent = run(authenticated(&auth)).unwrap();
    assert!(!auth.has_ended(&sent), "the API does not want it");
    run(auth.refresh(&sent)).unwrap();
    assert!(auth.has_ended(&sent), "another request has renewed it");
    let auth = oauth(settings(&Templates::new(&config()), &ended));
    let sent = run(authenticated(&auth)).unwrap();
    assert!(auth.has_ended(&sent));
}

#[test]
fn a_configured_token_is_used_until_its_end() {
    let templates = Templates::new(&config());
    let table = [
        (None, true, Ok(("Bearer V", 0))),
        (None, false, Ok(("Bearer A1", 1))),
        (Some("2999-01-01T00:00:00Z"), false, Ok(("Bearer V", 0))),
        (Some("2000-01-01"), false, Ok(("Bearer A1", 1))),
        (Some("1709210096"), false, Ok(("Bearer A1", 1))),
        (Some(""), false, Ok(("Bearer A1", 1))),
        (Some("soon"), false, Err("`token_expiry_date` is `soon`, which is not a date")),
    ];
    for (date, without_endpoint, expected) in table {
        let api = counting(3600);
        let mut settings = settings(&templates, &api);
        settings.access_token_value = Some(templates.setting("V"));
        settings.token_expiry_date = date.map(|date| templates.setting(date));
        if without_endpoint {
            settings.token_refresh_endpoint = None;
        }
        let outcome = oauth_with(settings, None).and_then(|auth| run(header(&auth, "authorization")));
        match (outcome, expected) {
            (Ok(token), Ok((expected, requests))) => {
                assert_eq!((token.as_str(), api.requests().len()), (expected, requests))
            }
            (Err(error), Err(words)) => assert!(error.message().starts_with(words), "{error}"),
            (outcome, _) => panic!("{date:?}: {outcome:?}"),
        }
    }
}

#[test]
fn incomplete_settings_are_refused() {
    let (templates, api) = (Templates::new(&config()), api(json!({})));
    type Change = fn(&mut OAuthSettings);
    let table: [(Change, &str); 3] = [
        (|settings| settings.client_id = None, "needs `client_id` and `client_secret`"),
        (|settings| settings.client_secret = None, "needs `client_id` and `client_secret`"),
        (|settings| settings.refresh_token = None, "needs `refresh_token`"),
    ];
    for (change, words) in table {
        let mut settings = settings(&templates, &api);
        change(&mut settings);
        let error = settings.require_complete().unwrap_err();
        assert!(error.message().contains(words), "{error}");
    }
    let mut bare = settings(&templates, &api);
    bare.token_refresh_endpoint = None;
    let error = run(header(&oauth(bare), "authorization")).unwrap_err();
    assert!(error.message().starts_with("there is no access token"), "{error}");
}

#[test]
fn failures_are_classed_by_who_can_help() {
    let templates = Templates::new(&config());
    let refused =
        |status, error: &str| Reply::json(status, &json!({ "error": error, "error_description": "RT 1 is over" }));
    let table = [
        (refused(400, "invalid_grant"), ErrorKind::Config, "refused the refresh token (invalid_grant)"),
        (refused(400, "invalid_permissions"), ErrorKind::Config, "(invalid_permissions)"),
        (refused(400, "invalid_scope"), ErrorKind::System, "answered 400 Bad Request (it says: **** is over)"),
        (refused(401, "invalid_grant"), ErrorKind::System, "answered 401"),
        (Reply::new(403), ErrorKind::System, "answered 403"),
        (Reply::new(200), ErrorKind::System, "something that is not JSON"),
        (Reply::json(200, &json!({"foo": 1})), ErrorKind::System, "has no access token `access_token`"),
        (
            Reply::json(200, &json!({"access_token": "A", "expires_in": "soon"})),
            ErrorKind::System,
            "`expires_in` in the answer",
        ),
        (Reply::new(503), ErrorKind::Transient, "no access token could be fetched: the token service answered 503"),
        (Reply::new(429), ErrorKind::Transient, "answered 429"),
    ];
    for (reply, kind, words) in table {
        let api = Script::new().on(Method::POST, "/token").reply(reply).start();
        let error = run(header(&oauth(settings(&templates, &api)), "authorization")).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(words), "{error}");
        assert!(!error.detail().unwrap_or_default().contains("RT 1"), "{error}");
        assert_eq!(api.requests().len() > 1, kind == ErrorKind::Transient, "{error}");
    }
}

#[test]
fn an_outage_that_passes_is_waited_out() {
    let answer = Reply::json(200, &json!({"access_token": "AT"}));
    let api = Script::new().on(Method::POST, "/token").replies([Reply::new(500), answer]).start();
    let auth = oauth(settings(&Templates::new(&config()), &api));
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer AT");
    assert_eq!(api.requests().len(), 2);
    // Nothing tells the end of the token, so that it is kept for an hour.
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer AT");
    assert_eq!(api.requests().len(), 2);
}

/// What was written to stdout.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn updater(config: Value) -> (RefreshTokenUpdater, Written, Output) {
    let written = Written::default();
    let (output, queue) = queue(Redactor::default());
    write_to(written.clone(), queue);
    let store = ConfigStore::new(config.as_object().unwrap().clone(), Some(output.clone()));
    let path = |key: &str| vec!["credentials".to_owned(), key.to_owned()];
    let updater = RefreshTokenUpdater {
        store: Arc::new(store),
        refresh_token_name: "refresh_token".to_owned(),
        access_token_path: path("access_token"),
        refresh_token_path: path("refresh_token"),
        token_expiry_date_path: path("token_expiry_date"),
        prefers_stored_client: true,
    };
    (updater, written, output)
}

/// What was told since the last time.
fn told(written: &Written) -> Vec<Value> {
    let lines = String::from_utf8(std::mem::take(&mut *written.0.lock().unwrap())).unwrap();
    let credentials = |line: &str| {
        let message: Value = serde_json::from_str(line).unwrap();
        message["control"]["connectorConfig"]["config"]["credentials"].clone()
    };
    lines.lines().map(credentials).collect()
}

/// The one that was sent may be worth nothing any more.
#[test]
fn a_refresh_token_is_stored_even_if_the_answer_is_of_no_use() {
    let config = json!({"client_id": "c", "client_secret": "s", "credentials": {"refresh_token": "RT0"}});
    let answer = json!({"access_token": "A1", "refresh_token": "RT1", "expires_in": "soon"});
    let api = Script::new().on(Method::POST, "/token").reply(Reply::json(200, &answer)).start();
    let (updater, written, _output) = updater(config.clone());
    let settings = OAuthSettings { refresh_token: None, ..settings(&Templates::new(&config), &api) };
    let auth = oauth_with(settings, Some(updater)).unwrap();
    let error = run(header(&auth, "authorization")).unwrap_err();
    assert!(error.message().contains("`expires_in` in the answer"), "{error}");
    assert_eq!(told(&written)[0]["refresh_token"], "RT1");
}

#[test]
fn refresh_tokens_for_one_use_are_stored_at_once() {
    let config = json!({"client_id": "ignored", "client_secret": "fallback", "credentials": {"refresh_token": "RT0", "client_id": "mine"}});
    let api = counting(3600);
    let (updater, written, _output) = updater(config.clone());
    let store = Arc::clone(&updater.store);
    let settings_of = || OAuthSettings { refresh_token: None, ..settings(&Templates::new(&config), &api) };
    let auth = oauth_with(settings_of(), Some(updater)).unwrap();
    let headers = run(join_all((0..5).map(|_| header(&auth, "authorization"))));
    assert!(headers.into_iter().all(|header| header.unwrap() == "Bearer A1"));
    assert_eq!(
        body(&api.requests()[0]),
        "grant_type=refresh_token&client_id=mine&client_secret=fallback&refresh_token=RT0"
    );
    let messages = told(&written);
    assert_eq!(messages.len(), 1);
    assert_eq!((&messages[0]["access_token"], &messages[0]["refresh_token"]), (&json!("A1"), &json!("R1")));
    assert!(parse_date(messages[0]["token_expiry_date"].as_str().unwrap()).is_some());
    // Another stream finds the tokens in the configuration.
    let path = |key: &str| vec!["credentials".to_owned(), key.to_owned()];
    let second = RefreshTokenUpdater {
        store,
        refresh_token_name: "refresh_token".to_owned(),
        access_token_path: path("access_token"),
        refresh_token_path: path("refresh_token"),
        token_expiry_date_path: path("token_expiry_date"),
        prefers_stored_client: true,
    };
    let second = oauth_with(settings_of(), Some(second)).unwrap();
    assert_eq!(run(header(&second, "authorization")).unwrap(), "Bearer A1");
    run(second.refresh(&run(authenticated(&second)).unwrap())).unwrap();
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer A2");
    assert!(body(&api.requests()[1]).ends_with("refresh_token=R1"));
    assert_eq!(told(&written)[0]["refresh_token"], "R2");
}

#[test]
fn an_old_refresh_token_is_kept_if_no_new_one_comes() {
    let config = json!({"client_id": "c", "client_secret": "s", "credentials": {"refresh_token": "RT0", "access_token": "OLD", "token_expiry_date": "2000-01-01T00:00:00+00:00"}});
    let api = api(json!({"access_token": "NEW", "expires_in": "2999-01-01T00:00:00.5Z"}));
    let (updater, written, _output) = updater(config.clone());
    let mut settings = settings(&Templates::new(&config), &api);
    settings.expires_in_is_a_date = true;
    let auth = oauth_with(settings, Some(updater)).unwrap();
    assert_eq!(run(header(&auth, "authorization")).unwrap(), "Bearer NEW");
    let expected =
        json!({"refresh_token": "RT0", "access_token": "NEW", "token_expiry_date": "2999-01-01T00:00:00.500000+00:00"});
    assert_eq!(told(&written), [expected]);
}

#[test]
fn a_token_that_is_over_as_soon_as_it_comes_is_fetched_twice_only_where_that_is_wanted() {
    let templates = Templates::new(&config());
    for (twice, tokens) in [(false, ["Bearer A1", "Bearer A2"]), (true, ["Bearer A2", "Bearer A4"])] {
        let api = counting(0);
        let auth = oauth(OAuthSettings { fetches_expired_twice: twice, ..settings(&templates, &api) });
        let shown = tokens.map(|_| run(header(&auth, "authorization")).unwrap());
        assert_eq!(shown, tokens);
    }
}
