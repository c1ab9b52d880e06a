//! Credentials stay with the API's own host: redirects and links elsewhere carry none, unless `allow_hosts` says so.

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::{Api, TOKEN};
use super::reading::read;

/// Streams whose pages lead to another host.
#[source(
    base_url = "{config.base_url}",
    auth     = bearer(config.token),
    headers  = { "x-team" = config.team },
    streams  = [Linked, InBody, Redirected, Posted, KeyInQuery, KeyInQueryLinked, KeyInCookie, Named, Allowed, AllowedRedirect],
)]
struct Roaming {
    /// Where the API is.
    base_url: String,
    /// What opens it.
    token: Secret,
    /// What opens it further.
    team: Secret,
}

macro_rules! stream_with {
    ($name:ident, $path:tt, $($rest:tt)*) => {
        /// A stream.
        #[stream(source = Roaming, path = $path, records = "data", $($rest)*)]
        struct $name {
            id: u64,
        }
    };
}

stream_with!(Linked, "/linked", paginator = link_header());
stream_with!(InBody, "/in_body", paginator = next_url("next"));
stream_with!(Redirected, "/redirected",);
stream_with!(Posted, "/posted", method = POST, body = { secret = config.token });
stream_with!(KeyInQuery, "/redirected", auth = api_key(param = "key", value = config.token));
stream_with!(
    KeyInQueryLinked,
    "/linked",
    paginator = next_url("next"),
    auth = api_key(param = "key", value = config.token)
);
stream_with!(KeyInCookie, "/redirected", auth = api_key(cookie = "session", value = config.token));
stream_with!(Named, "/redirected", auth = basic(username = config.team, password = config.token));
stream_with!(Allowed, "/linked", paginator = link_header(), allow_hosts = ["LOCALHOST"]);
stream_with!(AllowedRedirect, "/redirected", allow_hosts = ["localhost"]);

const TEAM: &str = "team-of-the-laws";

/// The API whose second page is at `away`.
fn home(away: String) -> Api {
    Api::answering(move |request| {
        let second = format!("{away}/second");
        match request.path.as_str() {
            "/linked" => {
                Response::json(200, &json!({"data": [{"id": 1}]})).header("link", format!("<{second}>; rel=\"next\""))
            }
            "/in_body" => Response::json(200, &json!({"data": [{"id": 1}], "next": second})),
            "/redirected" => Response::new(302).header("location", second),
            "/posted" => Response::new(307).header("location", second),
            _ => Response::new(404),
        }
    })
}

fn last_page(request: &Request) -> Response {
    assert_eq!(request.path, "/second");
    Response::json(200, &json!({"data": [{"id": 2}]}))
}

fn config(url: &str) -> Value {
    json!({"base_url": url, "token": TOKEN, "team": TEAM})
}

/// What another host sees of one stream.
fn seen_elsewhere(stream: &str, host: &str) -> Vec<Request> {
    let away = Api::answering(last_page);
    let home = home(away.url().replace("127.0.0.1", host));
    let reading = read(&Connector::<Roaming>::new(config(&home.url())), &[stream]);
    assert!(reading.error.is_none(), "{stream}: {:?}", reading.error);
    assert!(reading.ids(stream).contains(&2), "{stream}");
    away.requests()
}

fn is_told(request: &Request) -> bool {
    let everything = format!("{request} {:?} {:?}", request.headers, request.body);
    // Base64 of `team-of-the-laws:token-of-the-laws`, as basic authentication sends it.
    [TOKEN, TEAM, "dGVhbS1vZi10aGUtbGF3cz"].iter().any(|secret| everything.contains(secret))
        || ["authorization", "cookie", "x-team"].iter().any(|name| request.headers.contains_key(*name))
}

#[test]
fn another_host_sees_no_credentials() {
    for stream in ["linked", "in_body", "redirected", "posted", "key_in_query", "key_in_cookie", "named"] {
        // Another port is another host, too: it may belong to somebody else.
        for host in ["127.0.0.1", "localhost"] {
            let requests = seen_elsewhere(stream, host);
            assert_eq!(requests.len(), 1);
            assert!(!is_told(&requests[0]), "{stream}: {:?}", requests[0]);
        }
    }
}

#[test]
fn an_allowed_host_sees_them_and_no_other() {
    for stream in ["allowed", "allowed_redirect"] {
        let allowed = seen_elsewhere(stream, "localhost");
        assert_eq!(allowed[0].header("authorization"), Some(&*format!("Bearer {TOKEN}")), "{stream}");
        assert_eq!(allowed[0].header("x-team"), Some(TEAM), "{stream}");
        let other = seen_elsewhere(stream, "127.0.0.1");
        assert!(!is_told(&other[0]), "{stream}: {:?}", other[0]);
    }
}

/// A redirect within the API keeps them, and a second page there gets them anew.
#[test]
fn the_own_host_keeps_seeing_them() {
    let api = Api::answering(|request| match request.path.as_str() {
        "/linked" => {
            let next = request.url_with(&[]).replace("/linked", "/moved");
            Response::json(200, &json!({"data": [{"id": 1}]})).header("link", format!("<{next}>; rel=\"next\""))
        }
        "/moved" => Response::new(302).header("location", "/second"),
        _ => last_page(request),
    });
    let reading = read(&Connector::<Roaming>::new(config(&api.url())), &["linked"]);
    assert_eq!(reading.ids("linked"), [1, 2]);
    assert_eq!(api.requests().len(), 3);
    for request in api.requests() {
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {TOKEN}")), "{request}");
    }
}

/// A scripted API that stands in for the real one is the real one's host to its own links.
#[test]
fn a_scripted_origin_counts_as_the_own_host() {
    let api = Api::answering(|request| match request.query_param("page") {
        None => {
            let next = request.url_with(&[("page", "2")]);
            Response::json(200, &json!({"data": [{"id": 1}]})).header("link", format!("<{next}>; rel=\"next\""))
        }
        Some(_) => Response::json(200, &json!({"data": [{"id": 2}]})),
    });
    let connector =
        Connector::<Roaming>::new(config("https://api.example.com")).with_origin(&api.url()).expect("a URL");
    let reading = read(&connector, &["linked"]);
    assert_eq!(reading.ids("linked"), [1, 2]);
    for request in api.requests() {
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {TOKEN}")), "{request}");
    }
}

/// A link that already holds the key, as many APIs write it, does not collect one more on each page.
#[test]
fn a_key_in_the_query_is_sent_once_on_every_page() {
    let api = Api::answering(|request| {
        let page: u64 = request.query_param("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let next = (page < 4).then(|| request.url_with(&[("page", &(page + 1).to_string())]));
        Response::json(200, &json!({"data": [{"id": page}], "next": next}))
    });
    let reading = read(&Connector::<Roaming>::new(config(&api.url())), &["key_in_query_linked"]);
    assert_eq!(reading.ids("key_in_query_linked"), [1, 2, 3, 4]);
    for request in api.requests() {
        assert_eq!(request.query.iter().filter(|(name, _)| name == "key").count(), 1, "{request}");
    }
}
