//! A scripted API: which request gets which answers, and a record of what was asked.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::expectation::{self, Expectation};
use super::message::{Request, Response};
use super::server::Server;

/// The text that a started script replaces by its own URL in headers and bodies.
const URL_PLACEHOLDER: &str = "__URL__";

/// The answers of an API, rule by rule.
///
/// A request is answered by the rule that matches it with the most conditions; among equals the first one wins.
/// The replies of a rule are given in turn and the last one repeats.
/// A request that no rule matches is answered by status 501 and a message that names the nearest rule.
/// `__URL__` in a header or in an uncompressed body stands for the URL of the started API.
///
/// ```
/// use airbyte_runtime::testing::{Response, Script};
/// use http::Method;
/// use serde_json::json;
///
/// let api = Script::new()
///     .on(Method::GET, "/users")
///     .header("authorization", "Bearer x")
///     .reply(Response::new(429).header("retry-after", "0"))
///     .reply(Response::json(200, &json!([{ "id": 1 }])).header("link", "<__URL__/users?page=2>; rel=\"next\""))
///     .on(Method::GET, "/users?page=2")
///     .reply(Response::json(200, &json!([])))
///     .start();
/// // … a connector reads `api.url()` …
/// assert!(api.unmatched().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Script {
    pub(super) rules: Vec<Scripted>,
}

/// A rule of a [`Script`] that waits for its first reply.
#[derive(Clone, Debug)]
#[must_use]
pub struct Rule {
    script: Script,
    expectation: Expectation,
}

/// A [`Script`] that answers, until it is dropped.
pub struct ScriptedApi {
    server: Server,
    log: Arc<Mutex<Log>>,
}

/// A complete rule.
#[derive(Clone, Debug)]
pub(super) struct Scripted {
    pub(super) expectation: Expectation,
    pub(super) replies: Vec<Response>,
}

impl Script {
    /// A script without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a rule for a method and a path; a query after the path adds conditions.
    pub fn on(self, method: Method, path: &str) -> Rule {
        Rule { script: self, expectation: Expectation::new(method, path) }
    }

    /// Adds a further reply to the rule before.
    ///
    /// In a script without rules it is the reply to `GET /`.
    pub fn reply(mut self, response: Response) -> Self {
        match self.rules.last_mut() {
            Some(rule) => rule.replies.push(response),
            None => return self.on(Method::GET, "/").reply(response),
        }
        self
    }

    /// Starts to answer on a free port.
    ///
    /// # Panics
    ///
    /// When the operating system has no port or no thread to give.
    #[must_use]
    pub fn start(self) -> ScriptedApi {
        self.serve().unwrap_or_else(|error| panic!("the scripted API cannot start: {error}"))
    }

    fn serve(mut self) -> io::Result<ScriptedApi> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        for response in self.rules.iter_mut().flat_map(|rule| &mut rule.replies) {
            insert_url(response, &url);
        }
        let log = Arc::new(Mutex::new(Log { replied: vec![0; self.rules.len()], ..Log::default() }));
        let shared = log.clone();
        let server = Server::serve(listener, Arc::new(move |request| self.answer(request, &mut lock(&shared))))?;
        Ok(ScriptedApi { server, log })
    }

    fn answer(&self, request: Request, log: &mut Log) -> Response {
        log.requests.push(request.clone());
        // `rev` because the last maximum wins and the first rule has to.
        let matching = self.rules.iter().enumerate().rev().filter(|(_, rule)| rule.expectation.matches(&request));
        let best = matching.max_by_key(|(_, rule)| rule.expectation.conditions());
        let Some((index, rule)) = best else {
            let message = expectation::explain(&request, self.rules.iter().map(|rule| &rule.expectation));
            log.unmatched.push(request);
            log.complaints.push(message.clone());
            // A status that is not tried again, so that a missing rule shows at once.
            return Response::json(501, &json!({ "message": message }));
        };
        let turn = log.replied.get_mut(index).map_or(0, |turn| std::mem::replace(turn, *turn + 1));
        match rule.replies.get(turn).or(rule.replies.last()) {
            Some(reply) => reply.clone(),
            None => Response::json(500, &json!({ "message": format!("the rule {} has no reply", rule.expectation) })),
        }
    }
}

impl Rule {
    /// Asks for a query parameter with this decoded value, among others.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.expectation.query.push((name.to_owned(), value.into()));
        self
    }

    /// Asks for a header with this value; the case of the name does not matter.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.expectation.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Asks for a body: a string is compared with the body's text, anything else with its JSON.
    pub fn body(mut self, body: impl Into<Value>) -> Self {
        self.expectation.body = Some(body.into());
        self
    }

    /// Completes the rule with its first reply.
    pub fn reply(self, response: Response) -> Script {
        self.replies([response])
    }

    /// Completes the rule with its replies, in their order.
    pub fn replies(self, responses: impl IntoIterator<Item = Response>) -> Script {
        let Self { mut script, expectation } = self;
        script.rules.push(Scripted { expectation, replies: responses.into_iter().collect() });
        script
    }
}

impl ScriptedApi {
    /// The base URL, `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.log).requests.clone()
    }

    /// The requests that no rule matched.
    pub fn unmatched(&self) -> Vec<Request> {
        lock(&self.log).unmatched.clone()
    }

    /// For each request that no rule matched, the nearest rule and how the request differs from it.
    pub fn complaints(&self) -> Vec<String> {
        lock(&self.log).complaints.clone()
    }
}

#[derive(Default)]
struct Log {
    requests: Vec<Request>,
    unmatched: Vec<Request>,
    /// What was wrong with each of them.
    complaints: Vec<String>,
    /// How often each rule has replied.
    replied: Vec<usize>,
}

/// A handler that panicked has failed its own request only.
fn lock(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

fn insert_url(response: &mut Response, url: &str) {
    for value in response.headers.values_mut() {
        let Some(text) = value.to_str().ok().filter(|text| text.contains(URL_PLACEHOLDER)) else { continue };
        if let Ok(replaced) = HeaderValue::try_from(text.replace(URL_PLACEHOLDER, url)) {
            *value = replaced;
        }
    }
    let replaced = match std::str::from_utf8(&response.body) {
        Ok(text) if text.contains(URL_PLACEHOLDER) => text.replace(URL_PLACEHOLDER, url),
        _ => return,
    };
    response.body = replaced.into();
}

#[cfg(test)]
mod tests {
    use super::super::raw_client::{exchange, get};
    use super::*;

    fn text(text: &str) -> Response {
        Response::new(200).body(text.to_owned())
    }

    #[test]
    fn the_rule_with_the_most_conditions_answers() {
        let api = Script::new()
            .on(Method::GET, "/users")
            .reply(text("any"))
            .on(Method::GET, "/users")
            .query("page", "2")
            .reply(text("two"))
            .on(Method::GET, "/users?page=2&q=a%20b")
            .reply(text("both"))
            .on(Method::GET, "/users?page=2&q=a%20b")
            .reply(text("never"))
            .start();
        let cases =
            [("/users", "any"), ("/users?page=1", "any"), ("/users?page=2", "two"), ("/users?q=a+b&page=2", "both")];
        for (target, expected) in cases {
            assert_eq!(get(api.server.port(), target).body, expected.as_bytes(), "{target}");
        }
    }

    #[test]
    fn replies_are_given_in_turn_and_the_last_repeats() {
        let api = Script::new()
            .on(Method::GET, "/a")
            .reply(Response::new(503))
            .reply(text("ok"))
            .on(Method::GET, "/b")
            .replies([text("1"), text("2")])
            .start();
        let port = api.server.port();
        let statuses = [0; 3].map(|_| get(port, "/a").status);
        assert_eq!(statuses, [503, 200, 200]);
        assert_eq!([0; 3].map(|_| get(port, "/b").body), [b"1", b"2", b"2"]);
    }

    #[test]
    fn headers_and_bodies_are_conditions() {
        let api = Script::new()
            .on(Method::POST, "/search")
            .header("Authorization", "Bearer x")
            .body(json!({ "page": 1, "q": null }))
            .reply(text("json"))
            .on(Method::POST, "/search")
            .body("page=1")
            .reply(text("form"))
            .start();
        let post = |headers: &str, body: &str| {
            let length = body.len();
            exchange(
                api.server.port(),
                &format!("POST /search HTTP/1.1\r\nhost: h\r\n{headers}content-length: {length}\r\n\r\n{body}"),
            )
        };
        assert_eq!(post("authorization: Bearer x\r\n", "{\"q\": null, \"page\": 1}").body, b"json");
        assert_eq!(post("", "page=1").body, b"form");
        assert_eq!(post("", "{\"q\": null, \"page\": 1}").status, 501);
    }

    #[test]
    fn every_request_is_recorded() {
        let api = Script::new().on(Method::GET, "/a").reply(text("")).start();
        get(api.server.port(), "/a?page=1");
        let answer = get(api.server.port(), "/b");
        let read = |requests: Vec<Request>| requests.iter().map(Request::to_string).collect::<Vec<_>>();
        assert_eq!(read(api.requests()), ["GET /a?page=1", "GET /b"]);
        assert_eq!(read(api.unmatched()), ["GET /b"]);
        assert_eq!(answer.status, 501);
        let message = "no rule matches GET /b; the nearest rule is GET /a, but the path is /b";
        assert_eq!(answer.json(), json!({ "message": message }));
    }

    #[test]
    fn the_url_is_inserted() {
        let api = Script::new()
            .on(Method::GET, "/a")
            .reply(Response::json(200, &json!({ "next": "__URL__/a?page=2" })).header("link", "<__URL__/a>; rel=next"))
            .start();
        let answer = get(api.server.port(), "/a");
        assert_eq!(answer.json()["next"], format!("{}/a?page=2", api.url()));
        assert_eq!(answer.header("link"), Some(format!("<{}/a>; rel=next", api.url()).as_str()));
    }

    #[test]
    fn a_rule_without_a_reply_says_so() {
        let api = Script::new().on(Method::GET, "/a").replies([]).start();
        assert_eq!(get(api.server.port(), "/a").json()["message"], "the rule GET /a has no reply");
        let default = Script::new().reply(text("root")).start();
        assert_eq!(get(default.server.port(), "/").body, b"root");
    }
}
