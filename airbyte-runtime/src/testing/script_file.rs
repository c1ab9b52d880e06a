//! The file format of a [`Script`].

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::expectation::Expectation;
use super::message::Response;
use super::script::{Script, Scripted};

impl Script {
    /// Reads a script from JSON: an array of rules, each with a `request` and a `response` or an array of responses.
    ///
    /// | part | key | meaning |
    /// |---|---|---|
    /// | `request` | `path` | required; may end in a query |
    /// | | `method` | `GET` when it is left out |
    /// | | `query`, `headers` | objects of strings, numbers or booleans |
    /// | | `body` | a string is compared with the body's text, anything else with its JSON |
    /// | `response` | `status` | 200 when it is left out |
    /// | | `headers` | an object as above |
    /// | | `body` | a string is sent as it stands, anything else as JSON |
    /// | | `delay_ms` | how long the answer is held back |
    /// | | `truncate_at` | how many bytes of the body are sent before the connection closes |
    ///
    /// ```
    /// use airbyte_runtime::testing::Script;
    ///
    /// let script = Script::from_json(r#"[
    ///     {
    ///         "request": { "path": "/users", "query": { "page": 1 } },
    ///         "response": [{ "status": 503 }, { "body": [{ "id": 1 }] }]
    ///     }
    /// ]"#)?;
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A message that names the rule, counted from 1, and what is wrong with it: malformed JSON, an unknown key,
    /// a value of the wrong kind, a status or a header that HTTP does not allow.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let entries: Vec<Value> =
            serde_json::from_str(text).map_err(|error| format!("a script is a JSON array of rules: {error}"))?;
        let numbered = entries.into_iter().enumerate();
        let rules = numbered.map(|(index, entry)| rule(entry).map_err(|error| format!("rule {}: {error}", index + 1)));
        Ok(Self { rules: rules.collect::<Result<_, _>>()? })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    request: RequestEntry,
    response: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestEntry {
    #[serde(default = "get")]
    method: String,
    path: String,
    #[serde(default)]
    query: Map<String, Value>,
    #[serde(default)]
    headers: Map<String, Value>,
    // A `null` that is written is a body of its own, unlike a key that is left out.
    #[serde(default, deserialize_with = "present")]
    body: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseEntry {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default, deserialize_with = "present")]
    body: Option<Value>,
    #[serde(default)]
    delay_ms: u64,
    truncate_at: Option<usize>,
}

fn get() -> String {
    Method::GET.to_string()
}

fn ok() -> u16 {
    200
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn rule(entry: Value) -> Result<Scripted, String> {
    let RuleEntry { request, response } = parse(entry, "")?;
    let expectation = request.expectation().map_err(|error| format!("request.{error}"))?;
    let replies = match response {
        Value::Array(list) if list.is_empty() => return Err("response: an empty list answers nothing".to_owned()),
        Value::Array(list) => {
            let numbered = list.into_iter().enumerate();
            numbered
                .map(|(index, response)| reply(response, &format!("response[{index}]")))
                .collect::<Result<_, _>>()?
        }
        single => vec![reply(single, "response")?],
    };
    Ok(Scripted { expectation, replies })
}

fn reply(entry: Value, place: &str) -> Result<Response, String> {
    let entry: ResponseEntry = parse(entry, place)?;
    entry.response().map_err(|error| format!("{place}: {error}"))
}

/// Reads a value and names the place of an error in it.
fn parse<T: DeserializeOwned>(value: Value, place: &str) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let inner = if inner == "." { "" } else { &inner };
        match (place, inner) {
            ("", "") => error.inner().to_string(),
            (place, inner) if place.is_empty() || inner.is_empty() => format!("{place}{inner}: {}", error.inner()),
            (place, inner) => format!("{place}.{inner}: {}", error.inner()),
        }
    })
}

impl RequestEntry {
    fn expectation(self) -> Result<Expectation, String> {
        let method = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| format!("method: {:?} is not an HTTP method", self.method))?;
        if !self.path.starts_with('/') {
            return Err(format!("path: {:?} does not start with a slash", self.path));
        }
        let mut expectation = Expectation::new(method, &self.path);
        expectation.query.extend(texts(self.query, "query")?);
        expectation.headers = texts(self.headers, "headers")?;
        expectation.body = self.body;
        Ok(expectation)
    }
}

impl ResponseEntry {
    fn response(self) -> Result<Response, String> {
        let mut response = match self.body {
            None => Response::new(self.status),
            Some(Value::String(text)) => Response::new(self.status).body(text),
            Some(json) => Response::json(self.status, &json),
        };
        for (name, value) in texts(self.headers, "headers")? {
            response = response.header(&name, value);
        }
        if let Some(length) = self.truncate_at {
            response = response.truncated_at(length);
        }
        match response.mistake {
            Some(mistake) => Err(mistake),
            None => Ok(response.delay(Duration::from_millis(self.delay_ms))),
        }
    }
}

fn texts(map: Map<String, Value>, place: &str) -> Result<Vec<(String, String)>, String> {
    let pairs = map.into_iter().map(|(name, value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Number(_) | Value::Bool(_) => Ok((name, value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(format!("{place}.{name}: expected a string, a number or a boolean"))
        }
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::message::Ending;
    use super::*;

    #[test]
    fn a_rule_is_read_whole() {
        let script = Script::from_json(
            r#"[{
                "request": {
                    "method": "POST", "path": "/users?a=b", "query": { "page": 2, "all": true },
                    "headers": { "x-key": "k" }, "body": null
                },
                "response": [
                    { "status": 429, "headers": { "retry-after": 1 }, "delay_ms": 5 },
                    { "body": "plain", "truncate_at": 2 },
                    { "body": { "id": 1 } }
                ]
            }]"#,
        )
        .unwrap();
        let [rule] = &script.rules[..] else { panic!("one rule") };
        assert_eq!(rule.expectation.to_string(), "POST /users?a=b&page=2&all=true");
        assert_eq!(rule.expectation.headers, [("x-key".to_owned(), "k".to_owned())]);
        assert_eq!(rule.expectation.body, Some(Value::Null));
        let [limited, cut, json] = &rule.replies[..] else { panic!("three replies") };
        assert_eq!((limited.status.as_u16(), limited.delay), (429, Duration::from_millis(5)));
        assert_eq!(limited.headers["retry-after"], "1");
        assert_eq!((cut.status.as_u16(), &cut.body[..], cut.ending), (200, &b"plain"[..], Ending::TruncatedAt(2)));
        assert_eq!(serde_json::from_slice::<Value>(&json.body).unwrap(), json!({ "id": 1 }));
        assert_eq!(json.headers["content-type"], "application/json");
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("{}", "a script is a JSON array of rules: invalid type: map, expected a sequence at line 1 column 0"),
            (r#"[{"request":{"path":"/"}}]"#, "rule 1: missing field `response`"),
            (r#"[{"request":{},"response":{}}]"#, "rule 1: request: missing field `path`"),
            (
                r#"[{"request":{"path":"/","quary":{}},"response":{}}]"#,
                "rule 1: request.quary: unknown field `quary`, expected one of `method`, `path`, `query`, `headers`, `body`",
            ),
            (r#"[{"request":{"path":"a"},"response":{}}]"#, r#"rule 1: request.path: "a" does not start with a slash"#),
            (
                r#"[{"request":{"path":"/","method":"G T"},"response":{}}]"#,
                r#"rule 1: request.method: "G T" is not an HTTP method"#,
            ),
            (
                r#"[{"request":{"path":"/","query":{"a":[1]}},"response":{}}]"#,
                "rule 1: request.query.a: expected a string, a number or a boolean",
            ),
            (
                r#"[{"request":{"path":"/"},"response":{}},{"request":{"path":"/"},"response":{"status":"200"}}]"#,
                "rule 2: response.status: invalid type: string \"200\", expected u16",
            ),
            (
                r#"[{"request":{"path":"/"},"response":[{},{"delay":1}]}]"#,
                "rule 1: response[1].delay: unknown field `delay`, expected one of `status`, `headers`, `body`, `delay_ms`, `truncate_at`",
            ),
            (
                r#"[{"request":{"path":"/"},"response":{"status":1000}}]"#,
                "rule 1: response: 1000 is not a status that an answer can have",
            ),
            (
                r#"[{"request":{"path":"/"},"response":{"headers":{"a b":"c"}}}]"#,
                "rule 1: response: the header \"a b\" cannot be sent: its name or its value is not allowed",
            ),
            (r#"[{"request":{"path":"/"},"response":[]}]"#, "rule 1: response: an empty list answers nothing"),
            (
                r#"[{"request":{"path":"/"},"response":{},"comment":""}]"#,
                "rule 1: comment: unknown field `comment`, expected `request` or `response`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Script::from_json(text).unwrap_err(), expected);
        }
    }
}
