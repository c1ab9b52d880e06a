//! Links and redirects to wherever an API may lead: no host but the stream's own sees a credential.
//!
//! The process has a proxy, which is the test: it sees every request to every host. `ASTRAY_CASES` says how many links are
//! followed for each stream, and `ASTRAY_SEED` follows one alone.

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::{Api, mix};
use super::child::{self, World};
use super::reading::catalog;

/// Streams whose answers lead astray.
#[source(
    base_url    = "http://api.home.test",
    headers     = { "x-team" = config.team },
    max_retries = 0,
    streams     = [StrayLink, StrayBody, StrayRedirect, StrayPost, StrayBasic, StrayFetched],
)]
pub(crate) struct Astray {
    /// The links to follow.
    links: Vec<String>,
    /// What opens the API.
    token: Secret,
    /// What opens it further.
    team: Secret,
}

macro_rules! stream_with {
    ($name:ident, $path:tt, $($rest:tt)*) => {
        /// A stream with a part for each link.
        #[stream(source = Astray, path = $path, records = "data", partition = list(link = config.links), $($rest)*)]
        struct $name {
            id: u64,
        }
    };
}

stream_with!(StrayLink, "/link/{partition.link}", auth = bearer(config.token), paginator = link_header());
stream_with!(
    StrayBody,
    "/body/{partition.link}",
    auth = api_key(param = "key", value = config.token),
    paginator = next_url("next")
);
stream_with!(StrayRedirect, "/302/{partition.link}", auth = api_key(cookie = "session", value = config.token));
stream_with!(
    StrayPost,
    "/307/{partition.link}",
    method = POST,
    body = { secret = config.token, team = config.team }
);
stream_with!(StrayBasic, "/308/{partition.link}", auth = basic(username = config.team, password = config.token));
stream_with!(
    StrayFetched,
    "/link/{partition.link}",
    auth = oauth(token_url = "/token", client_id = "id", client_secret = config.team, refresh_token = config.token),
    paginator = link_header()
);

const STREAMS: [&str; 6] = ["stray_link", "stray_body", "stray_redirect", "stray_post", "stray_basic", "stray_fetched"];
const HOME: &str = "api.home.test";
const TOKEN: &str = "token-of-the-house";
const TEAM: &str = "team-of-the-house";
const FETCHED: &str = "fetched-in-the-house";

/// How a link is spelled before its host.
const BEGINNINGS: [&str; 16] = [
    "http://",
    "HTTP://",
    "//",
    "\\\\",
    "/\\",
    "\\/",
    "http:\\\\",
    "http:/\\",
    "http:",
    "http:/",
    " http://",
    "ht\ttp://",
    "https://",
    "http:///",
    "///",
    "http://x:y@",
];

/// Hosts that are the stream's own, look like it, or have nothing to do with it.
const HOSTS: [&str; 28] = [
    "evil.test",
    "EVIL.test",
    "home.test",
    "api.home.test.evil.test",
    "evil.api.home.test",
    "apixhome.test",
    "api.home.tes",
    "api.home.testing",
    "api.home.test.",
    "api.home.test:8080",
    "api.home.test:443",
    "api-home.test",
    "api.home.test@evil.test",
    "x:api.home.test@evil.test",
    "evil.test#@api.home.test",
    "evil.test?@api.home.test",
    "evil.test\\@api.home.test",
    "evil.test/@api.home.test",
    "evil.test;api.home.test",
    "аpi.home.test",
    "api.home.test%2eevil.test",
    "xn--pi-7kc.home.test",
    "127.0.0.1:9",
    "[::1]:9",
    "0x7f.1:9",
    "API.HOME.TEST",
    "api。home。test",
    "user:word@api.home.test",
];

const ENDS: [&str; 6] = ["/second", "/second?page=2", "", "/second#part", "/../second", "/302/again"];

fn link(seed: u64) -> String {
    let pick = |texts: &[&'static str], salt| texts[(mix(seed.wrapping_mul(31) + salt) % texts.len() as u64) as usize];
    // Half of them are spelled as everybody spells them.
    let beginning = if mix(seed).is_multiple_of(2) { BEGINNINGS[0] } else { pick(&BEGINNINGS, 1) };
    format!("{beginning}{}{}", pick(&HOSTS, 2), pick(&ENDS, 3))
}

/// All hosts at once.
fn answer(request: &Request) -> Response {
    let mut parts = request.path.trim_start_matches('/').split('/');
    let (kind, link) = (parts.next().unwrap_or_default(), parts.next().and_then(|seed| seed.parse().ok()).map(link));
    let page = |next: Option<&str>| Response::json(200, &json!({"data": [{"id": 1}], "next": next}));
    match (kind, link) {
        ("token", _) => Response::json(200, &json!({"access_token": FETCHED, "expires_in": 3600})),
        ("link", Some(link)) => match http::HeaderValue::from_bytes(format!("<{link}>; rel=\"next\"").as_bytes()) {
            Ok(value) => page(None).header("link", value.to_str().map(str::to_owned).unwrap_or_default()),
            Err(_) => page(None),
        },
        ("body", Some(link)) => page(Some(&link)),
        ("302", None) => Response::new(302).header("location", "http://evil.test/second"),
        (status, Some(link)) if http::HeaderValue::from_str(&link).is_ok() => {
            Response::new(status.parse().unwrap_or(302)).header("location", link)
        }
        _ => page(None),
    }
}

fn is_home(request: &Request) -> bool {
    let host = request.header("host").unwrap_or_default();
    request.method != http::Method::CONNECT && host.strip_suffix(":80").unwrap_or(host).eq_ignore_ascii_case(HOME)
}

/// Whether a request holds a secret of the stream, also in base64 of `team:token`.
fn is_told(request: &Request) -> bool {
    let everything = format!("{request} {:?} {:?} {:?}", request.query, request.headers, request.body);
    let secrets = [TOKEN, TEAM, FETCHED, "dGVhbS1vZi10aGUtaG91c2", "RlYW0tb2YtdGhlLWhvdXNl"];
    secrets.iter().any(|secret| everything.contains(secret)) || request.headers.contains_key("x-team")
}

#[test]
fn no_other_host_sees_a_credential_wherever_a_link_leads() {
    let number = |name| std::env::var(name).ok().and_then(|text: String| text.parse::<u64>().ok());
    let (first, cases) = match number("ASTRAY_SEED") {
        Some(seed) => (seed, 1),
        None => (0, number("ASTRAY_CASES").unwrap_or(150)),
    };
    let links: Vec<String> = (first..first + cases).map(|seed| seed.to_string()).collect();
    for stream in STREAMS {
        let api = Api::answering(answer);
        let proxy = api.url();
        let world = World {
            variables: &[("http_proxy", &proxy), ("https_proxy", &proxy), ("no_proxy", ""), ("NO_PROXY", "")],
            ..World::default()
        };
        let config = json!({"links": links, "token": TOKEN, "team": TEAM});
        let files: [(&str, &Value); 2] = [("config", &config), ("catalog", &catalog(&[stream]))];
        let (_, said, errors) = child::start_in(&world, "astray", "read", &files).end_with_errors();
        let requests = api.requests();
        let (own, foreign): (Vec<_>, Vec<_>) = requests.iter().partition(|request| is_home(request));
        for request in &foreign {
            assert!(!is_told(request), "{stream}: {request} {:?} {:?}", request.headers, request.body);
        }
        for seed in first..first + cases {
            let asked = |request: &&&Request| request.path.ends_with(&format!("/{seed}"));
            assert!(own.iter().filter(asked).all(|request| is_told(request)), "{stream}: its own host saw none");
            assert!(own.iter().any(|request| asked(&request)), "{stream}: {seed} was not read: {said} {errors}");
        }
        assert!(cases == 1 || foreign.len() as u64 > cases / 2, "{stream}: {} other hosts: {said}", foreign.len());
    }
}
