use http::Method;
use serde_json::json;

use super::*;
use crate::plan::auth::scripted::{Templates, client, header, run};
use crate::testing::{Response as Reply, Script, ScriptedApi};

fn session(api: &ScriptedApi, config: Value, redactor: &Redactor) -> LegacySessionAuth {
    let templates = Templates::new(&config);
    let settings = LegacySession {
        api_url: templates.setting(&format!("{}/api/", api.url())),
        header: templates.setting("X-Sess"),
        username: templates.setting("{{ config['u'] }}"),
        password: templates.setting("{{ config['p'] }}"),
        session_token: templates.setting("{{ config.get('tok', '') }}"),
        session_token_response_key: templates.setting("id"),
        login_url: templates.setting("session"),
        validate_session_url: templates.setting("user/current"),
    };
    LegacySessionAuth::new(settings, Collision::Refuse, client(redactor), redactor.clone())
}

fn api() -> ScriptedApi {
    Script::new()
        .on(Method::POST, "/api/session")
        .body(json!({"username": "me", "password": "pw"}))
        .reply(Reply::json(200, &json!({"id": "LS1"})))
        .on(Method::POST, "/api/session")
        .body(json!({"username": "me", "password": "odd"}))
        .reply(Reply::json(200, &json!({"token": "LS1"})))
        .on(Method::POST, "/api/session")
        .reply(Reply::json(400, &json!({"message": "wrong password"})))
        .on(Method::GET, "/api/user/current")
        .header("x-sess", "OLD")
        .reply(Reply::new(401))
        .on(Method::GET, "/api/user/current")
        .header("x-sess", "ODD")
        .reply(Reply::new(500))
        .on(Method::GET, "/api/user/current")
        .reply(Reply::json(200, &json!({})))
        .start()
}

#[test]
fn the_configured_token_is_used_while_it_is_valid() {
    let table = [
        (json!({"u": "me", "p": "pw", "tok": "GOOD"}), Ok("GOOD"), 1),
        (json!({"u": "me", "p": "pw", "tok": "OLD"}), Ok("LS1"), 2),
        (json!({"u": "me", "p": "pw"}), Ok("LS1"), 1),
        (json!({"u": "me", "p": "", "tok": "OLD"}), Err("the session token is not valid"), 2),
        (
            json!({"u": "me", "p": "no"}),
            Err("the login was answered 400 Bad Request (the API says: wrong password)"),
            2,
        ),
        (json!({"u": "me", "p": "odd"}), Err("has no session token `id`"), 2),
        (json!({"u": "me", "p": "pw", "tok": "ODD"}), Err("the check of the session token was answered 500"), 2),
    ];
    for (config, expected, requests) in table {
        let (api, redactor) = (api(), Redactor::default());
        let auth = session(&api, config.clone(), &redactor);
        for _ in 0..2 {
            match (run(header(&auth, "x-sess")), expected) {
                (Ok(token), Ok(expected)) => {
                    assert_eq!(token, expected, "{config}");
                    assert_eq!(redactor.redact(&token), "****");
                }
                (Err(error), Err(words)) => assert!(error.message().contains(words), "{config}: {error}"),
                (outcome, _) => panic!("{config}: {outcome:?}"),
            }
        }
        assert_eq!(api.requests().len(), requests, "{config}");
    }
}
