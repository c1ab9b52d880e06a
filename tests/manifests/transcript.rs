//! What the commands say of a manifest, without clocks, addresses and chance.

use std::collections::BTreeMap;
use std::fmt;

use airbyte_runtime::testing::{Request, ScriptedApi};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// One JSON value for each fact.
#[derive(Default)]
pub(crate) struct Transcript(Vec<Value>);

impl Transcript {
    /// Adds what a command said and asked for; returns what it said about errors, for a person.
    pub(crate) fn add(&mut self, command: &str, succeeded: bool, messages: &[Value], api: &ScriptedApi) -> String {
        let mut lines = Vec::new();
        for message in messages {
            lines.extend(fact(command, message));
        }
        if command == "read" {
            lines.extend(streams(messages));
            let mut requests: BTreeMap<String, (Value, u32)> = BTreeMap::new();
            for request in api.requests() {
                let line = describe(&request, &api.url());
                requests.entry(line.to_string()).or_insert((line, 0)).1 += 1;
            }
            lines.extend(requests.into_values().map(|(request, times)| json!({"request": request, "times": times})));
        }
        if !succeeded {
            lines.push(json!({ "failed": command }));
        }
        lines.sort_by_cached_key(Value::to_string);
        lines.dedup_by(|one, other| one == other && one.get("record").is_none());
        self.0.extend(lines);
        let errors = messages.iter().filter(|message| message.pointer("/trace/error").is_some());
        errors.map(|message| format!("{}\n", message["trace"]["error"])).collect()
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The values of a transcript.
pub(crate) fn parse(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("expected.jsonl: {error}: {line}")))
        .collect()
}

/// What stands in one message for itself.
fn fact(command: &str, message: &Value) -> Option<Value> {
    let kind = message["type"].as_str()?;
    Some(match kind {
        "SPEC" => json!({ "spec": without_nulls(&message["spec"]) }),
        "CONNECTION_STATUS" => json!({ "check": message["connectionStatus"]["status"] }),
        "CATALOG" => {
            let streams = message["catalog"]["streams"].as_array()?;
            json!({ "catalog": streams.iter().map(without_nulls).collect::<Vec<_>>() })
        }
        "RECORD" => {
            let record = &message["record"];
            let mut line = json!({ "record": record["data"], "stream": record["stream"] });
            if let Some(file) = record.get("file_reference").filter(|file| !file.is_null()) {
                line["file"] = file.clone();
            }
            line
        }
        "CONTROL" => json!({ "config": kept(&message["control"]["connectorConfig"]["config"]), "command": command }),
        "TRACE" => {
            let error = message["trace"].get("error")?;
            // The last error has no stream: it lists those that failed.
            let stream = error.pointer("/stream_descriptor/name")?;
            json!({ "error": error["failure_type"], "stream": stream })
        }
        _ => return None,
    })
}

/// Adds what the file of a record holds, and takes the directory and names that are made by chance out of its path.
pub(crate) fn open_file(message: &mut Value, staging: &str) {
    let Some(file) = message.pointer_mut("/record/file_reference").and_then(Value::as_object_mut) else { return };
    let path = file.get("staging_file_url").and_then(Value::as_str).unwrap_or_default();
    let content = std::fs::read(path).map(|content| String::from_utf8_lossy(&content).into_owned());
    file.insert("content".to_owned(), content.unwrap_or_else(|error| error.to_string()).into());
    for value in file.values_mut() {
        if let Some(text) = value.as_str() {
            let text = text.replace(staging, "__STAGING__");
            let is_random = |part: &&str| part.len() == 36 && part.matches('-').count() == 4;
            let parts: Vec<&str> =
                text.split('/').map(|part| if is_random(&part) { "__UUID__" } else { part }).collect();
            *value = parts.join("/").into();
        }
    }
}

/// A configuration that is to be kept, without the manifest in it and without the time at which a token ends.
fn kept(config: &Value) -> Value {
    let mut config = config.clone();
    if let Some(members) = config.as_object_mut() {
        members.retain(|key, _| !key.starts_with("__injected_"));
    }
    if let Some(expiry) = config.pointer_mut("/credentials/token_expiry_date") {
        *expiry = "soon".into();
    }
    config
}

/// The course of each stream, and the state that it ends with.
fn streams(messages: &[Value]) -> Vec<Value> {
    let mut statuses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut states: BTreeMap<&str, &Value> = BTreeMap::new();
    for message in messages {
        if let Some(status) = message.pointer("/trace/stream_status")
            && let Some(name) = status.pointer("/stream_descriptor/name").and_then(Value::as_str)
        {
            statuses.entry(name).or_default().extend(status["status"].as_str());
        }
        if let Some(stream) = message.pointer("/state/stream")
            && let Some(name) = stream.pointer("/stream_descriptor/name").and_then(Value::as_str)
        {
            states.insert(name, &stream["stream_state"]);
        }
    }
    let statuses = statuses.into_iter().map(|(stream, mut statuses)| {
        statuses.dedup();
        json!({ "stream": stream, "statuses": statuses })
    });
    statuses
        .chain(states.into_iter().map(|(stream, state)| json!({"stream": stream, "state": timeless(state)})))
        .collect()
}

/// A state whose `lookback_window`, the seconds that the read took, is left out, and whose partitions are in order.
fn timeless(state: &Value) -> Value {
    match state {
        Value::Object(members) => {
            let members = members.iter().filter(|(key, _)| *key != "lookback_window");
            Value::Object(members.map(|(key, value)| (key.clone(), timeless(value))).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(timeless).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        other => other.clone(),
    }
}

/// What was asked for: the headers that say who asks, and the body.
fn describe(request: &Request, url: &str) -> Value {
    let told = |name: &str| name == "authorization" || name.starts_with("x-");
    let headers: Map<String, Value> = request
        .headers
        .iter()
        .filter(|(name, _)| told(name.as_str()))
        .map(|(name, value)| (name.to_string(), secret(value.to_str().unwrap_or("?"), url).into()))
        .collect();
    // The order of parameters says nothing.
    let mut sorted = request.clone();
    sorted.query.sort();
    let mut line = Map::new();
    line.insert("to".to_owned(), sorted.to_string().replace(url, "__URL__").into());
    if !headers.is_empty() {
        line.insert("headers".to_owned(), Value::Object(headers));
    }
    if !request.body.is_empty() {
        let content = request.header("content-type").map(Value::from);
        line.extend(content.map(|content| ("content_type".to_owned(), content)));
        line.insert("body".to_owned(), meaning(request));
    }
    Value::Object(line)
}

/// What a body says, however it is written.
fn meaning(request: &Request) -> Value {
    match request.header("content-type") {
        Some("application/json") => request.json().unwrap_or_else(|error| error.to_string().into()),
        Some("application/x-www-form-urlencoded") => {
            let pairs = url::form_urlencoded::parse(&request.body);
            pairs.map(|(name, value)| json!([name, value])).collect()
        }
        _ => String::from_utf8_lossy(&request.body).into(),
    }
}

/// The value of a header; of a signed token what it says, without the times.
fn secret(value: &str, url: &str) -> String {
    let Some((prefix, token)) = value.split_once("eyJ").map(|(prefix, _)| value.split_at(prefix.len())) else {
        return value.replace(url, "__URL__");
    };
    let parts = token.split('.').take(2).filter_map(|part| {
        let mut part: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
        let members = part.as_object_mut()?;
        let number = |name: &str| members.get(name).and_then(Value::as_i64);
        let lifetime = number("exp").zip(number("iat")).map(|(end, begin)| end - begin);
        members.retain(|name, _| !["iat", "exp", "nbf"].contains(&name.as_str()));
        members.extend(lifetime.map(|seconds| ("lifetime".to_owned(), seconds.into())));
        members.sort_keys();
        Some(part.to_string())
    });
    format!("{prefix}{}", parts.collect::<Vec<_>>().join("."))
}

fn without_nulls(object: &Value) -> Value {
    let members = object.as_object().into_iter().flatten();
    // To say that a stream has no files is to say nothing.
    let told = members.filter(|(key, value)| !value.is_null() && (*key != "is_file_based" || **value != false));
    Value::Object(told.map(|(key, value)| (key.clone(), value.clone())).collect())
}
