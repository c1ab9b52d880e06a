//! The state that `read` is given: what an earlier sync left for each stream.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::StreamDescriptor;
use crate::{Error, Result};

/// The only key in the state of a stream without a cursor.
pub const NO_CURSOR_SENTINEL: &str = "__ab_no_cursor_state_message";

/// The key with which older CDKs say that a full refresh is finished.
pub const FULL_REFRESH_COMPLETE: &str = "__ab_full_refresh_sync_complete";

/// What an earlier sync left for each stream: the file behind `--state`.
///
/// ```
/// use airbyte_runtime::protocol::StateInput;
/// use serde_json::json;
///
/// let state = StateInput::parse(
///     r#"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"updated_at":"2024"}}}]"#,
/// )?;
/// assert_eq!(state.get("users", None), Some(&json!({"updated_at": "2024"})));
/// assert_eq!(state.get("posts", None), None);
/// # Ok::<(), airbyte_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StateInput {
    streams: Vec<Entry>,
    warnings: Vec<String>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    namespace: Option<String>,
    blob: Value,
}

impl StateInput {
    /// Reads a state file: a JSON array of state messages.
    ///
    /// `[]`, `{}`, `null` and every other empty value mean that there is no state, as does a `stream_state` of `null`.
    /// A global state without a shared part is taken apart into its streams. Legacy states are left out with a
    /// [warning](Self::warnings).
    ///
    /// # Errors
    ///
    /// A config error when the text is anything else, and when a global state has a shared part.
    pub fn parse(text: &str) -> Result<Self> {
        let document: Value = serde_json::from_str(text)
            .map_err(|error| Error::config(format!("the state is not JSON: {error}; {SHAPE}")))?;
        let messages = match document {
            document if is_falsy(&document) => Vec::new(),
            Value::Array(messages) => messages,
            Value::Object(object) if object.contains_key("type") => {
                return Err(Error::config(format!("the state is one message outside of an array; {SHAPE}")));
            }
            Value::Object(_) => {
                return Err(Error::config(format!(
                    "the state has the legacy form, one object for all streams; {SHAPE}"
                )));
            }
            _ => return Err(Error::config(format!("the state is not an array; {SHAPE}"))),
        };
        let mut state = Self::default();
        let alone = messages.len() == 1;
        for (index, message) in messages.into_iter().enumerate() {
            state.add(message, alone).map_err(|error| error.within(format_args!("state[{index}]")))?;
        }
        Ok(state)
    }

    /// The state of a stream; an empty namespace is not an absent one.
    pub fn get(&self, name: &str, namespace: Option<&str>) -> Option<&Value> {
        let wanted = StreamDescriptor { name, namespace };
        self.streams().find_map(|(stream, blob)| (stream == wanted).then_some(blob))
    }

    /// Every stream that has a state, in the order of the file.
    pub fn streams(&self) -> impl Iterator<Item = (StreamDescriptor<'_>, &Value)> {
        self.streams.iter().map(|entry| (entry.descriptor(), &entry.blob))
    }

    /// What was left out, for the log.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn add(&mut self, message: Value, alone: bool) -> Result<()> {
        let Value::Object(mut message) = unwrapped(message) else {
            return Err(Error::config(format!("not a state message; {SHAPE}")));
        };
        // PyAirbyte and the connector builder write the key of global states with an underscore.
        let global = present(&mut message, "global").or_else(|| present(&mut message, "global_"));
        let stream = present(&mut message, "stream");
        if stream.is_none() && global.is_none() && present(&mut message, "data").is_none() {
            return Err(Error::config(format!("neither `stream` nor `global` is there; {SHAPE}")));
        }
        match (present(&mut message, "type").as_ref().map(Value::as_str), stream, global) {
            (Some(Some("STREAM")) | None, Some(stream), _) => self.add_stream(stream),
            (Some(Some("GLOBAL")), _, Some(global)) if alone => self.add_global(global),
            (Some(Some("GLOBAL")), ..) if !alone => {
                self.warn("a GLOBAL state beside other states is ignored; its streams start anew");
                Ok(())
            }
            (Some(Some("LEGACY")) | None, ..) => {
                self.warn("a LEGACY state is ignored; its streams start anew");
                Ok(())
            }
            _ => Err(Error::config("`type` must be STREAM with a `stream`, or GLOBAL with a `global`")),
        }
    }

    fn add_global(&mut self, global: Value) -> Result<()> {
        let Value::Object(mut global) = global else { return Err(Error::config("`global` is not an object")) };
        if present(&mut global, "shared_state").is_some_and(|shared| !is_falsy(&shared)) {
            return Err(Error::config(
                "the GLOBAL state has a `shared_state`, which this source has no use for; clear the connection's data, \
                 or give one STREAM state per stream",
            ));
        }
        match present(&mut global, "stream_states") {
            None => Ok(()),
            Some(Value::Array(streams)) => streams.into_iter().try_for_each(|stream| self.add_stream(stream)),
            Some(_) => Err(Error::config("`global.stream_states` is not an array")),
        }
    }

    fn add_stream(&mut self, stream: Value) -> Result<()> {
        let Value::Object(mut stream) = stream else { return Err(Error::config("`stream` is not an object")) };
        let Some(Value::Object(mut descriptor)) = stream.remove("stream_descriptor") else {
            return Err(Error::config("`stream` has no object `stream_descriptor`"));
        };
        let Some(Value::String(name)) = descriptor.remove("name") else {
            return Err(Error::config("`stream_descriptor` has no `name`"));
        };
        let namespace = match present(&mut descriptor, "namespace") {
            None => None,
            Some(Value::String(namespace)) => Some(namespace),
            Some(_) => return Err(Error::config(format!("the namespace of stream `{name}` is not a string"))),
        };
        let blob = match present(&mut stream, "stream_state") {
            blob @ (None | Some(Value::Object(_))) => blob,
            Some(_) => return Err(Error::config(format!("the `stream_state` of stream `{name}` is not an object"))),
        };
        // A later message of the same stream replaces an earlier one, and one without a state resets it.
        let descriptor = StreamDescriptor { name: &name, namespace: namespace.as_deref() };
        self.streams.retain(|entry| entry.descriptor() != descriptor);
        self.streams.extend(blob.map(|blob| Entry { name, namespace, blob }));
        Ok(())
    }

    fn warn(&mut self, text: &str) {
        self.warnings.push(text.to_owned());
    }
}

impl Entry {
    fn descriptor(&self) -> StreamDescriptor<'_> {
        StreamDescriptor { name: &self.name, namespace: self.namespace.as_deref() }
    }
}

/// The final state of a stream that has no cursor.
pub fn no_cursor_state() -> Value {
    json!({ NO_CURSOR_SENTINEL: true })
}

/// Whether a state, or one partition's cursor, says that its full refresh is finished.
///
/// A stream without a cursor has nothing more to read then. A stream with one starts anew.
pub fn is_full_refresh_complete(blob: &Value) -> bool {
    blob.get(FULL_REFRESH_COMPLETE) == Some(&Value::Bool(true))
}

/// A state without the reserved keys, or `None` when nothing else is in it.
///
/// Streams change: a state that was written while the stream had no cursor must not be parsed as a cursor's value.
///
/// ```
/// use airbyte_runtime::protocol::without_sentinels;
/// use serde_json::json;
///
/// let state = json!({"__ab_no_cursor_state_message": true, "updated_at": "2024"});
/// assert_eq!(without_sentinels(&state).as_deref(), Some(&json!({"updated_at": "2024"})));
/// assert_eq!(without_sentinels(&json!({"__ab_no_cursor_state_message": true})), None);
/// ```
pub fn without_sentinels(blob: &Value) -> Option<Cow<'_, Value>> {
    let Value::Object(object) = blob else { return Some(Cow::Borrowed(blob)) };
    let reserved = |key: &str| key == NO_CURSOR_SENTINEL || key == FULL_REFRESH_COMPLETE;
    if object.keys().all(|key| reserved(key)) {
        return None;
    }
    if !object.keys().any(|key| reserved(key)) {
        return Some(Cow::Borrowed(blob));
    }
    let kept = object.iter().filter(|(key, _)| !reserved(key)).map(|(key, value)| (key.clone(), value.clone()));
    Some(Cow::Owned(Value::Object(kept.collect())))
}

const SHAPE: &str = "expected [] or [{\"type\": \"STREAM\", \"stream\": {\"stream_descriptor\": {\"name\": …}, \
                     \"stream_state\": {…}}}]";

/// The state inside a whole `{"type": "STATE", "state": …}` line, which people copy from a connector's output.
fn unwrapped(message: Value) -> Value {
    match message {
        Value::Object(mut line) if line.get("type").and_then(Value::as_str) == Some("STATE") => {
            line.remove("state").unwrap_or_default()
        }
        other => other,
    }
}

fn present(object: &mut Map<String, Value>, key: &str) -> Option<Value> {
    object.remove(key).filter(|value| !value.is_null())
}

/// Falsy in Python's sense, which is how the CDK decides that there is no state.
fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const USERS: &str = r#"{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"c":"1"}}}"#;

    #[test]
    fn accepted_inputs() {
        for (text, expected, warnings) in [
            ("[]".to_owned(), json!([]), 0),
            ("{}".to_owned(), json!([]), 0),
            ("null".to_owned(), json!([]), 0),
            (format!("[{USERS}]"), json!([["users", null, {"c": "1"}]]), 0),
            // PyAirbyte: every null, Python's attribute names, one of them twice, and an echoed id.
            (
                r#"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"users","namespace":null},"stream_state":{"c":"1"}},"global_":null,"data":null,"sourceStats":{"recordCount":1.0,"rejectedRecordCount":null},"destinationStats":null,"global_":null,"id":7}]"#.to_owned(),
                json!([["users", null, {"c": "1"}]]),
                0,
            ),
            // A line of a connector's output.
            (format!(r#"[{{"type":"STATE","state":{USERS}}}]"#), json!([["users", null, {"c": "1"}]]), 0),
            (
                r#"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":null}},{"type":"STREAM","stream":{"stream_descriptor":{"name":"posts"}}},{"type":"STREAM","stream":{"stream_descriptor":{"name":"tags","namespace":""},"stream_state":{}}}]"#.to_owned(),
                json!([["tags", "", {}]]),
                0,
            ),
            (
                r#"[{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":{"x":1}},{"stream_descriptor":{"name":"b","namespace":"n"},"stream_state":{"y":2}},{"stream_descriptor":{"name":"c"},"stream_state":null}]}}]"#.to_owned(),
                json!([["a", null, {"x": 1}], ["b", "n", {"y": 2}]]),
                0,
            ),
            (r#"[{"type":"LEGACY","data":{"users":{"c":1}}}]"#.to_owned(), json!([]), 1),
            (r#"[{"data":{"users":{"c":1}}}]"#.to_owned(), json!([]), 1),
            (
                format!(r#"[{{"type":"GLOBAL","global":{{"shared_state":{{"a":1}},"stream_states":[]}}}},{USERS}]"#),
                json!([["users", null, {"c": "1"}]]),
                1,
            ),
            // The last message of a stream counts.
            (
                format!("[{USERS},{},{}]", USERS.replace("users", "posts"), USERS.replace("\"1\"", "\"2\"")),
                json!([["posts", null, {"c": "1"}], ["users", null, {"c": "2"}]]),
                0,
            ),
        ] {
            let state = StateInput::parse(&text).unwrap();
            let streams: Vec<Value> =
                state.streams().map(|(stream, blob)| json!([stream.name, stream.namespace, blob])).collect();
            assert_eq!(Value::from(streams), expected, "{text}");
            assert_eq!(state.warnings().len(), warnings, "{text}");
        }
    }

    #[test]
    fn refused_inputs() {
        for (text, part) in [
            ("", "line 1 column 0"),
            ("[1,", "not JSON"),
            (r#"{"users":{"c":"1"}}"#, "legacy form"),
            (USERS, "outside of an array"),
            ("7", "not an array"),
            ("[7]", "state[0]: not a state message"),
            (r#"[{"type":"STREAM"}]"#, "state[0]: neither `stream` nor `global`"),
            (r#"[{"type":"STATE"}]"#, "state[0]: not a state message"),
            (r#"[{"type":"FOO","stream":{}}]"#, "`type` must be"),
            (r#"[{"type":7,"stream":{}}]"#, "`type` must be"),
            (r#"[{"type":"STREAM","global":{}}]"#, "`type` must be"),
            (r#"[{"type":"GLOBAL","global":{"shared_state":{"lsn":1},"stream_states":[]}}]"#, "`shared_state`"),
            (r#"[{"type":"GLOBAL","global":{"stream_states":7}}]"#, "not an array"),
            (r#"[{"type":"STREAM","stream":{"stream_state":{}}}]"#, "`stream_descriptor`"),
            (r#"[{"type":"STREAM","stream":{"stream_descriptor":{}}}]"#, "no `name`"),
            (
                r#"[{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":"2024"}}]"#,
                "`stream_state` of stream `users`",
            ),
        ] {
            let error = StateInput::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{text}");
            assert!(error.message().contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn lookup_takes_the_namespace_into_account() {
        let entry = |namespace: &str| {
            format!(
                r#"{{"type":"STREAM","stream":{{"stream_descriptor":{{"name":"s"{namespace}}},"stream_state":{{"v":{}}}}}}}"#,
                namespace.len()
            )
        };
        let absent = StateInput::parse(&format!("[{}]", entry(""))).unwrap();
        let null = StateInput::parse(&format!("[{}]", entry(r#","namespace":null"#))).unwrap();
        let empty = StateInput::parse(&format!("[{}]", entry(r#","namespace":"""#))).unwrap();
        for (state, without, with_empty) in [(absent, true, false), (null, true, false), (empty, false, true)] {
            assert_eq!(state.get("s", None).is_some(), without);
            assert_eq!(state.get("s", Some("")).is_some(), with_empty);
            assert_eq!(state.get("t", None), None);
        }
    }

    #[test]
    fn sentinels_are_recognised_and_removed() {
        for (blob, complete, rest) in [
            (no_cursor_state(), false, None),
            (json!({"__ab_full_refresh_sync_complete": true}), true, None),
            (json!({"__ab_full_refresh_sync_complete": false}), false, None),
            (json!({}), false, None),
            (json!({"__ab_no_cursor_state_message": true, "u": "1"}), false, Some(json!({"u": "1"}))),
            (json!({"u": "1"}), false, Some(json!({"u": "1"}))),
        ] {
            assert_eq!(is_full_refresh_complete(&blob), complete, "{blob}");
            assert_eq!(without_sentinels(&blob).map(Cow::into_owned), rest, "{blob}");
        }
        assert_eq!(no_cursor_state(), json!({"__ab_no_cursor_state_message": true}));
    }
}
