//! What a test server receives and answers.

use std::fmt;
use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;

/// One request, with its body read to the end.
///
/// [`Display`](fmt::Display) writes the request line, as in `GET /users?page=2`.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as it was sent, with its percent-encoding.
    pub path: String,
    /// The query in the order it was sent, decoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty when there was none.
    pub body: Bytes,
}

/// An answer, with the faults that a test wants it to have.
///
/// A status that an answer cannot have and a header that cannot be sent become status 500 and a message that says so.
///
/// ```
/// use std::time::Duration;
/// use airbyte_runtime::testing::Response;
/// use serde_json::json;
///
/// let users = Response::json(200, &json!([{ "id": 1 }])).header("x-total", "1");
/// let busy = Response::new(429).header("retry-after", "1").delay(Duration::from_millis(20));
/// let broken = users.clone().truncated_at(5);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) delay: Duration,
    pub(super) ending: Ending,
    /// What the author of the response got wrong; it replaces the answer.
    pub(super) mistake: Option<String>,
}

/// How an answer leaves the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Open for the next request.
    Complete,
    /// Closed after that many bytes of the body.
    TruncatedAt(usize),
    /// Closed before the status line.
    Reset,
}

impl Request {
    /// The first value of a query parameter.
    pub fn query_param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a header; `None` also when it is not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// When the body is not JSON.
    pub fn json(&self) -> serde_json::Result<Value> {
        serde_json::from_slice(&self.body)
    }

    /// The absolute URL of this request after setting query parameters:
    /// what the `Link` header or the `next` field of a page holds.
    ///
    /// A parameter that the request has is replaced in its place; another is put at the end.
    ///
    /// ```
    /// use airbyte_runtime::testing::{Response, Server};
    ///
    /// let server = Server::start(|request| {
    ///     Response::new(200).header("link", format!("<{}>; rel=\"next\"", request.url_with(&[("page", "2")])))
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn url_with(&self, parameters: &[(&str, &str)]) -> String {
        let mut query: Vec<(&str, &str)> = self.query.iter().map(|(key, value)| (&**key, &**value)).collect();
        for &(name, value) in parameters {
            match query.iter_mut().find(|(key, _)| *key == name) {
                Some(pair) => pair.1 = value,
                None => query.push((name, value)),
            }
        }
        let host = self.header(HOST.as_str()).unwrap_or("localhost");
        format!("http://{host}{}", target(&self.path, &query))
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, target(&self.path, &self.query))
    }
}

/// A path with its query, encoded.
pub(super) fn target(path: &str, query: &[(impl AsRef<str>, impl AsRef<str>)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let mut encoded = form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1);
    encoded.extend_pairs(query);
    encoded.finish()
}

impl Response {
    /// An answer without headers and body.
    pub fn new(status: u16) -> Self {
        // A 1xx status announces an answer and cannot be one.
        let known = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
        Self {
            status: known.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            delay: Duration::ZERO,
            ending: Ending::Complete,
            mistake: known.is_none().then(|| format!("{status} is not a status that an answer can have")),
        }
    }

    /// An answer with a JSON body and its content type.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status).typed(HeaderValue::from_static("application/json")).body(body.to_string())
    }

    /// Sets a header; an earlier value is replaced.
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value.as_ref())) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            _ => {
                self.mistake = Some(format!("the header {name:?} cannot be sent: its name or its value is not allowed"))
            }
        }
        self
    }

    /// Sets the body. [`Bytes`] that live elsewhere are shared, not copied.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Waits before the answer; other connections are served in the meantime.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Declares the whole length, sends only the first `length` bytes of the body and closes the connection.
    ///
    /// A body that is not longer than `length` is sent whole.
    pub fn truncated_at(mut self, length: usize) -> Self {
        self.ending = Ending::TruncatedAt(length);
        self
    }

    /// Closes the connection without an answer.
    pub fn reset(mut self) -> Self {
        self.ending = Ending::Reset;
        self
    }

    /// Compresses the body that was set before and names the encoding in `content-encoding`.
    pub fn gzip(mut self) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        match encoder.write_all(&self.body).and_then(|()| encoder.finish()) {
            Ok(compressed) => {
                self.body = compressed.into();
                self.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            Err(error) => self.mistake = Some(format!("the body cannot be compressed: {error}")),
        }
        self
    }

    /// The status that is sent.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The body that is sent.
    pub fn content(&self) -> &Bytes {
        &self.body
    }

    /// The answer that says what is wrong with this one.
    pub(super) fn corrected(self) -> Self {
        match self.mistake {
            Some(message) => Self::json(500, &json!({ "message": message })),
            None => self,
        }
    }

    fn typed(mut self, content_type: HeaderValue) -> Self {
        self.headers.insert(CONTENT_TYPE, content_type);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, query: &[(&str, &str)]) -> Request {
        Request {
            method: Method::GET,
            path: path.to_owned(),
            query: query.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
            headers: HeaderMap::from_iter([(HOST, HeaderValue::from_static("127.0.0.1:80"))]),
            body: Bytes::new(),
        }
    }

    #[test]
    fn a_url_keeps_the_other_parameters() {
        let cases: [(&[_], &[_], _); 4] = [
            (&[], &[("page", "2")], "http://127.0.0.1:80/a?page=2"),
            (&[("page", "1"), ("q", "x")], &[("page", "2")], "http://127.0.0.1:80/a?page=2&q=x"),
            (&[("q", "a b&c")], &[("page", "2")], "http://127.0.0.1:80/a?q=a+b%26c&page=2"),
            (&[], &[], "http://127.0.0.1:80/a"),
        ];
        for (query, changes, expected) in cases {
            assert_eq!(request("/a", query).url_with(changes), expected);
        }
    }

    #[test]
    fn a_request_reads_as_its_first_line() {
        assert_eq!(
            request("/users", &[("page", "2"), ("since", "2024-01-01T00:00:00Z")]).to_string(),
            "GET /users?page=2&since=2024-01-01T00%3A00%3A00Z"
        );
    }

    #[test]
    fn mistakes_become_an_answer() {
        let cases = [
            (Response::new(99), "99 is not a status"),
            (Response::new(103), "103 is not a status"),
            (Response::new(1000), "1000 is not a status"),
            (Response::new(200).header("a b", "c"), "the header \"a b\""),
            (Response::new(200).header("a", "line\nbreak"), "the header \"a\""),
        ];
        for (response, part) in cases {
            let response = response.body("ignored").corrected();
            assert_eq!(response.status().as_u16(), 500);
            let text =
                serde_json::from_slice::<Value>(response.content()).unwrap()["message"].to_string().replace('\\', "");
            assert!(text.contains(part), "{text} does not contain {part}");
        }
    }
}
