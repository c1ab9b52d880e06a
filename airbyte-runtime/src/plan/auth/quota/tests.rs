use http::StatusCode;
use serde_json::json;

use super::*;
use crate::plan::auth::scripted::{authenticated, client, header, run};
use crate::plan::request_matcher::pattern;
use crate::testing::{Response as Reply, Script, ScriptedApi};

fn settings(api: &ScriptedApi, tokens: &[&str]) -> RotationSettings {
    let path = |path: &str| path.split('.').map(str::to_owned).collect();
    RotationSettings {
        tokens: tokens.iter().map(|token| (*token).to_owned()).collect(),
        quotas: vec![TokenQuota {
            name: "core".to_owned(),
            remaining_path: path("core.remaining"),
            reset_path: path("core.reset"),
            limit_path: Some(path("core.limit")),
            matchers: Vec::new(),
            remaining_header: Some("x-left".to_owned()),
            reset_header: None,
            limit_header: None,
            exhaustion_status_codes: vec![429],
        }],
        status: QuotaStatusSource {
            method: Method::GET,
            url: Url::parse(&format!("{}/rate_limit", api.url())).unwrap(),
            headers: vec![("X-Api".to_owned(), "1".to_owned())],
            unavailable_status_codes: vec![404],
        },
        auth_method: "token".to_owned(),
        header: "X-Tok".to_owned(),
        max_wait: Duration::from_secs(2),
        budget_reserve_fraction: 0.0,
        budget_min_reserve: 0.0,
    }
}

fn rotating(settings: RotationSettings) -> Result<RotatingTokens> {
    let redactor = Redactor::default();
    RotatingTokens::new(settings, client(&redactor), &redactor)
}

fn quota(remaining: i64) -> Reply {
    Reply::json(200, &json!({"core": {"remaining": remaining, "limit": "60", "reset": "2999-01-01T00:00:00Z"}}))
}

/// An API where the tokens A and B have so many requests left.
fn api(a: i64, b: i64) -> ScriptedApi {
    Script::new()
        .on(Method::GET, "/rate_limit")
        .header("x-tok", "token A")
        .header("x-api", "1")
        .reply(quota(a))
        .on(Method::GET, "/rate_limit")
        .header("x-tok", "token B")
        .reply(quota(b))
        .start()
}

#[test]
fn tokens_take_over_from_each_other() {
    let api = api(2, 1);
    let auth = rotating(settings(&api, &["A", "B", "A"])).unwrap();
    for expected in ["token A", "token A", "token B"] {
        assert_eq!(run(header(&auth, "x-tok")).unwrap(), expected);
    }
    let error = run(header(&auth, "x-tok")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transient);
    assert_eq!(error.message(), "the rate limits of all tokens are reached; sync less often or add tokens");
    assert_eq!(api.requests().len(), 2);
}

#[test]
fn answers_make_a_token_rest() {
    let api = api(50, 50);
    let auth = rotating(settings(&api, &["A", "B"])).unwrap();
    let first = run(authenticated(&auth)).unwrap();
    let observe = |status, headers: HeaderMap| {
        auth.observe(&first, &Answer::to_any(status, &headers, b""));
    };
    observe(StatusCode::OK, HeaderMap::new());
    assert_eq!(auth.wait_with_other_credentials(&first), None);
    observe(StatusCode::OK, HeaderMap::from_iter([("x-left".parse().unwrap(), "1".parse().unwrap())]));
    assert_eq!(run(header(&auth, "x-tok")).unwrap(), "token A");
    observe(StatusCode::TOO_MANY_REQUESTS, HeaderMap::new());
    assert_eq!(auth.wait_with_other_credentials(&first), Some(Duration::from_millis(100)));
    assert_eq!(run(header(&auth, "x-tok")).unwrap(), "token B");
}

#[test]
fn pools_are_told_apart_by_requests() {
    let api = api(1, 1);
    let mut settings = settings(&api, &["A"]);
    let search = TokenQuota {
        name: "search".to_owned(),
        remaining_path: vec!["search".to_owned()],
        reset_path: Vec::new(),
        limit_path: None,
        matchers: vec![RequestMatcher {
            method: None,
            url_base: None,
            url_path_pattern: Some(pattern("^/s$").unwrap()),
            params: Vec::new(),
            headers: Vec::new(),
            weight: 1,
        }],
        remaining_header: None,
        reset_header: None,
        limit_header: None,
        exhaustion_status_codes: Vec::new(),
    };
    settings.quotas.push(search);
    let error = run(header(&rotating(settings).unwrap(), "x-tok")).unwrap_err();
    assert_eq!(error.message(), "the quota status has nothing at `search`, the `remaining_path` of the quota `search`");
}

#[test]
fn uncounted_tokens_take_turns() {
    let api = Script::new().on(Method::GET, "/rate_limit").reply(Reply::json(404, &json!({}))).start();
    let auth = rotating(settings(&api, &["A", "B"])).unwrap();
    for expected in ["token A", "token B", "token A"] {
        assert_eq!(run(header(&auth, "x-tok")).unwrap(), expected);
    }
}

#[test]
fn a_refused_token_is_the_users_matter() {
    for (status, kind) in [(401, ErrorKind::Config), (400, ErrorKind::System)] {
        let api = Script::new().on(Method::GET, "/rate_limit").reply(Reply::new(status)).start();
        let error = run(header(&rotating(settings(&api, &["A"])).unwrap(), "x-tok")).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    let api = api(1, 1);
    assert_eq!(rotating(settings(&api, &[])).err().unwrap().kind(), ErrorKind::Config);
    let no_quota = RotationSettings { quotas: Vec::new(), ..settings(&api, &["A"]) };
    assert_eq!(rotating(no_quota).err().unwrap().kind(), ErrorKind::System);
}
