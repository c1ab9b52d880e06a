//! What a rule of a script asks of a request, and why a request differs from it.

use std::cmp::Reverse;
use std::fmt;

use http::Method;
use serde_json::Value;
use url::form_urlencoded;

use super::message::{Request, target};

/// The conditions that a request has to meet, all of them.
#[derive(Clone, Debug)]
pub(super) struct Expectation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Value>,
}

impl Expectation {
    /// Conditions for a method and for a path that may be followed by a query.
    pub(super) fn new(method: Method, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { method, path: path.to_owned(), query, headers: Vec::new(), body: None }
    }

    pub(super) fn matches(&self, request: &Request) -> bool {
        self.differences(request).is_empty()
    }

    /// How many conditions there are beyond method and path.
    pub(super) fn conditions(&self) -> usize {
        self.query.len() + self.headers.len() + usize::from(self.body.is_some())
    }

    /// Each unmet condition, as what the request has instead.
    /// Values of headers are left out because they hold credentials.
    fn differences(&self, request: &Request) -> Vec<String> {
        let mut found = Vec::new();
        if request.path != self.path {
            found.push(format!("the path is {}", request.path));
        }
        if request.method != self.method {
            found.push(format!("the method is {}", request.method));
        }
        for (name, value) in &self.query {
            if !request.query.iter().any(|(key, given)| key == name && given == value) {
                found.push(match request.query_param(name) {
                    Some(given) => format!("query parameter {name:?} is {given:?}"),
                    None => format!("query parameter {name:?} is missing"),
                });
            }
        }
        for (name, value) in &self.headers {
            if !request.headers.get_all(name).iter().any(|given| given == value) {
                let state = if request.headers.contains_key(name) { "has another value" } else { "is missing" };
                found.push(format!("header {name:?} {state}"));
            }
        }
        if self.body.as_ref().is_some_and(|body| !is_body(body, request)) {
            found.push(format!("the body is {}", shown(&request.body)));
        }
        found
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, target(&self.path, &self.query))
    }
}

/// Says that no rule matches and what the nearest one asks for.
pub(super) fn explain<'a>(request: &Request, rules: impl Iterator<Item = &'a Expectation>) -> String {
    let nearest = rules.min_by_key(|rule| {
        let same_path = rule.path == request.path;
        let common = rule.path.bytes().zip(request.path.bytes()).take_while(|(a, b)| a == b).count();
        (!same_path, Reverse(common), rule.method != request.method, rule.differences(request).len())
    });
    match nearest {
        Some(rule) => format!(
            "no rule matches {request}; the nearest rule is {rule}, but {}",
            rule.differences(request).join(" and ")
        ),
        None => format!("no rule matches {request}; the script has no rules"),
    }
}

fn is_body(expected: &Value, request: &Request) -> bool {
    match expected {
        Value::String(text) if text.as_bytes() == request.body => true,
        _ => request.json().is_ok_and(|body| body == *expected),
    }
}

/// The start of a body, for a message.
fn shown(body: &[u8]) -> String {
    const LIMIT: usize = 1000;
    if body.is_empty() {
        return "empty".to_owned();
    }
    let text = String::from_utf8_lossy(body);
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    fn request(method: Method, text: &str, body: &str) -> Request {
        let Expectation { method, path, query, .. } = Expectation::new(method, text);
        let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static("secret"))]);
        Request { method, path, query, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    #[test]
    fn the_nearest_rule_is_named() {
        let mut rules = [
            Expectation::new(Method::GET, "/users?page=1"),
            Expectation::new(Method::GET, "/users?page=1&size=2"),
            Expectation::new(Method::POST, "/users/search"),
            Expectation::new(Method::GET, "/teams"),
        ];
        rules[2].body = Some(json!({ "page": 1 }));
        rules[3].headers = vec![("Authorization".to_owned(), "x".to_owned()), ("x-key".to_owned(), "k".to_owned())];
        let cases = [
            ((Method::GET, "/users?page=3", ""), r#"GET /users?page=1, but query parameter "page" is "3""#),
            ((Method::GET, "/users", ""), r#"GET /users?page=1, but query parameter "page" is missing"#),
            ((Method::PUT, "/users?page=1", ""), "GET /users?page=1, but the method is PUT"),
            ((Method::POST, "/users/search", "{}"), "POST /users/search, but the body is {}"),
            ((Method::POST, "/users/search", ""), "POST /users/search, but the body is empty"),
            ((Method::POST, "/users/sea", r#"{"page":1}"#), "POST /users/search, but the path is /users/sea"),
            (
                (Method::GET, "/teams", ""),
                r#"GET /teams, but header "Authorization" has another value and header "x-key" is missing"#,
            ),
        ];
        for ((method, target, body), expected) in cases {
            let request = request(method, target, body);
            let message = explain(&request, rules.iter());
            assert_eq!(message, format!("no rule matches {request}; the nearest rule is {expected}"));
        }
        assert_eq!(
            explain(&request(Method::GET, "/", ""), [].iter()),
            "no rule matches GET /; the script has no rules"
        );
    }

    #[test]
    fn long_bodies_are_shortened() {
        assert_eq!(shown("é".repeat(1200).as_bytes()).chars().count(), 1001);
        assert_eq!(shown(&[0xff, b'a']), "\u{fffd}a");
    }
}
