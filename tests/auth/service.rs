//! An authorization server and the API behind it, in one: it issues tokens, lets them expire, and refuses.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use airbyte_runtime::testing::{Request, Response, Server};
use serde_json::{Value, json};

use super::run::{Events, serve};

/// How the server behaves.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// The seconds that a token lives by its own account; `None` says nothing.
    pub(crate) lifetime: Option<i64>,
    /// A token is refused after so many requests.
    pub(crate) uses: usize,
    /// Whether each refresh token works once, and a new one comes with each answer.
    pub(crate) rotates: bool,
    /// Whether the refresh token, or the login, is refused.
    pub(crate) refuses: bool,
    /// A request that is answered late: its path, and after how many milliseconds.
    pub(crate) late: Option<(&'static str, u64)>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { lifetime: Some(3600), uses: usize::MAX, rotates: false, refuses: false, late: None }
    }
}

#[derive(Default)]
struct Issued {
    count: usize,
    /// Requests with each access token so far.
    uses: HashMap<String, usize>,
    spent: HashSet<String>,
}

/// Starts a server: `POST /token`, `POST /login`, `GET /me` and `GET /rows/{id}`.
pub(crate) fn start(events: &Events, rules: Rules) -> Server {
    start_with(events, rules, "")
}

/// The same, where one token is good from the start and has no end.
pub(crate) fn start_with(events: &Events, rules: Rules, good: &'static str) -> Server {
    let issued = Arc::new(Mutex::new(Issued::default()));
    serve(events, move |request| {
        let mut issued = issued.lock().expect("no handler panics");
        match request.path.as_str() {
            "/token" => token(request, rules, &mut issued),
            "/login" => login(rules, &mut issued),
            "/me" => match shown(request) {
                Some(token) if token.starts_with("ACCESS-") => Response::json(200, &json!({})),
                _ => Response::json(401, &json!({"message": "not valid any more"})),
            },
            path => match path.strip_prefix("/rows/") {
                Some(id) => rows(id, request, rules, good, &mut issued),
                None => Response::new(404),
            },
        }
    })
}

/// The fields of a form.
pub(crate) fn form(request: &Request) -> HashMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

/// The token that a request shows.
pub(crate) fn shown(request: &Request) -> Option<String> {
    let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    bearer.or_else(|| request.header("x-session")).map(str::to_owned)
}

fn token(request: &Request, rules: Rules, issued: &mut Issued) -> Response {
    let form = form(request);
    if rules.refuses {
        return Response::json(
            400,
            &json!({"error": "invalid_grant", "error_description": format!("{form:?} is over")}),
        );
    }
    let refresh_token = form.get("refresh_token").cloned().unwrap_or_default();
    if rules.rotates && !issued.spent.insert(refresh_token) {
        return Response::json(400, &json!({"error": "invalid_grant", "error_description": "used twice"}));
    }
    let mut answer = issue(rules, issued);
    if rules.rotates {
        answer["refresh_token"] = format!("REFRESH-{}", issued.count).into();
    }
    // Slow enough for the other requests to wait.
    Response::json(200, &answer).delay(Duration::from_millis(30))
}

fn login(rules: Rules, issued: &mut Issued) -> Response {
    if rules.refuses {
        return Response::json(403, &json!({"message": "wrong password"}));
    }
    let answer = issue(rules, issued);
    Response::json(200, &json!({"data": {"token": answer["access_token"]}, "id": answer["access_token"]}))
        .delay(Duration::from_millis(30))
}

fn issue(rules: Rules, issued: &mut Issued) -> Value {
    issued.count += 1;
    let mut answer = json!({"access_token": format!("ACCESS-{}", issued.count)});
    if let Some(lifetime) = rules.lifetime {
        answer["expires_in"] = lifetime.into();
    }
    answer
}

fn rows(id: &str, request: &Request, rules: Rules, good: &str, issued: &mut Issued) -> Response {
    let refused = || Response::json(401, &json!({"message": "the token is over"}));
    let Some(token) = shown(request).filter(|token| token.starts_with("ACCESS-")) else { return refused() };
    let is_newest = token == format!("ACCESS-{}", issued.count);
    let is_good = token == good;
    let uses = issued.uses.entry(token).or_default();
    *uses += 1;
    let answer = match is_good || (is_newest && *uses <= rules.uses) {
        true => Response::json(200, &json!([{ "id": id.parse::<u64>().unwrap_or(0) }])),
        false => refused(),
    };
    match rules.late {
        Some((path, millis)) if path == request.path => answer.delay(Duration::from_millis(millis)),
        _ => answer,
    }
}
