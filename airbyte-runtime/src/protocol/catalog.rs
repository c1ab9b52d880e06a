//! The catalogs: the one that `discover` prints and the configured one that `read` is given.

use std::collections::HashSet;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{Error, Result};

/// How a stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncMode {
    /// Everything, every time. A state that is given is honoured all the same: that is how a sync is resumed.
    FullRefresh,
    /// What is new since the state.
    Incremental,
}

/// A stream that the source can read, as `discover` describes it.
#[derive(Clone, Debug, Serialize)]
pub struct AirbyteStream {
    /// The name, unique within the namespace.
    pub name: String,
    /// The record's JSON schema; see [`stream_schema`](crate::schema::stream_schema).
    pub json_schema: Value,
    /// Whether it can be read incrementally; every stream can be read in full.
    #[serde(rename = "supported_sync_modes", serialize_with = "sync_modes")]
    pub supports_incremental: bool,
    /// `true` when the user cannot choose the cursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_defined_cursor: Option<bool>,
    /// The path of the cursor in a record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_cursor_field: Vec<String>,
    /// The paths that together identify a record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source_defined_primary_key: Vec<Vec<String>>,
    /// The namespace; API sources have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Whether a sync that failed goes on from its last state.
    pub is_resumable: bool,
    /// Whether the stream moves files.
    pub is_file_based: bool,
}

impl AirbyteStream {
    /// A stream that is read in full and has no key.
    pub fn new(name: impl Into<String>, json_schema: Value) -> Self {
        Self {
            name: name.into(),
            json_schema,
            supports_incremental: false,
            source_defined_cursor: None,
            default_cursor_field: Vec::new(),
            source_defined_primary_key: Vec::new(),
            namespace: None,
            is_resumable: false,
            is_file_based: false,
        }
    }
}

/// What to read: the file behind `--catalog`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfiguredCatalog {
    /// The streams in the order of the file.
    pub streams: Vec<ConfiguredStream>,
}

/// One stream that the user has chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfiguredStream {
    /// The name.
    pub name: String,
    /// The namespace; an empty one is not an absent one.
    pub namespace: Option<String>,
    /// How to read it.
    pub sync_mode: SyncMode,
    /// What the destination does with the records, in the platform's word, if it says so.
    pub destination_sync_mode: Option<String>,
    /// The path of the cursor that the user chose; empty when the source defines it.
    pub cursor_field: Vec<String>,
    /// The paths that together identify a record; empty without deduplication.
    pub primary_key: Vec<Vec<String>>,
    /// The record's schema, narrowed to the columns that the user selected.
    pub json_schema: Value,
    /// Whether the stream's files are to be brought along; `None` if the platform does not say it.
    pub include_files: Option<bool>,
}

impl ConfiguredStream {
    /// Whether the destination puts the records in the place of all that it has.
    pub fn replaces_table(&self) -> bool {
        self.destination_sync_mode.as_deref().is_some_and(|mode| mode.starts_with("overwrite"))
    }
}

impl ConfiguredCatalog {
    /// Reads a configured catalog.
    ///
    /// Optional fields may be absent or `null`, and fields and destination sync modes that are not known are accepted:
    /// newer platforms add them.
    ///
    /// # Errors
    ///
    /// A config error when the text is not a configured catalog, when a stream's `sync_mode` is neither
    /// `full_refresh` nor `incremental`, and when a stream is listed twice.
    ///
    /// ```
    /// use airbyte_runtime::protocol::{ConfiguredCatalog, SyncMode};
    ///
    /// let catalog = ConfiguredCatalog::parse(
    ///     r#"{"streams": [{"stream": {"name": "users", "json_schema": {}}, "sync_mode": "incremental"}]}"#,
    /// )?;
    /// assert_eq!(catalog.streams[0].sync_mode, SyncMode::Incremental);
    /// # Ok::<(), airbyte_runtime::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let catalog = Self::parse_with_repeats(text)?;
        refuse_duplicates(&catalog.streams)?;
        Ok(catalog)
    }

    /// The same for a catalog that may list a stream twice, to be read twice.
    ///
    /// # Errors
    ///
    /// See [`ConfiguredCatalog::parse`].
    pub(crate) fn parse_with_repeats(text: &str) -> Result<Self> {
        let document = serde_json::from_str(text).map_err(|error| not_json(text, &error))?;
        let Value::Object(mut document) = document else { return Err(not_a_catalog(false)) };
        let Some(Value::Array(entries)) = document.remove("streams") else {
            return Err(not_a_catalog(document.contains_key("catalog")));
        };
        let mut streams = Vec::with_capacity(entries.len());
        for (index, entry) in entries.into_iter().enumerate() {
            let stream = configured_stream(entry, index).map_err(|error| error.within("the configured catalog"))?;
            streams.push(stream);
        }
        Ok(Self { streams })
    }
}

const DISCOVERED: &str = "this looks like a discovered catalog (CATALOG message); a configured catalog wraps each \
                          stream in {\"stream\": …, \"sync_mode\": …}";
const SHAPE: &str = "expected {\"streams\": [{\"stream\": {\"name\": …, \"json_schema\": …}, \"sync_mode\": …}]}";

fn not_json(text: &str, error: &serde_json::Error) -> Error {
    // The output of `discover` is one JSON object per line, so that a file with its logs is not one JSON document.
    let hint = if text.contains("\"CATALOG\"") { DISCOVERED } else { SHAPE };
    Error::config(format!("the configured catalog is not JSON: {error}; {hint}"))
}

fn not_a_catalog(discovered: bool) -> Error {
    let hint = if discovered { DISCOVERED } else { SHAPE };
    Error::config(format!("the configured catalog has no array `streams`; {hint}"))
}

fn configured_stream(entry: Value, index: usize) -> Result<ConfiguredStream> {
    let Value::Object(mut entry) = entry else {
        return Err(Error::config(format!("streams[{index}] is not an object; {SHAPE}")));
    };
    let Some(Value::Object(mut stream)) = entry.remove("stream") else {
        let hint = if entry.contains_key("supported_sync_modes") { DISCOVERED } else { SHAPE };
        return Err(Error::config(format!("streams[{index}] has no object `stream`; {hint}")));
    };
    let Some(Value::String(name)) = stream.remove("name") else {
        return Err(Error::config(format!(
            "streams[{index}].stream has no `name`; copy it from the output of `discover`"
        )));
    };
    selected(name.clone(), stream, &entry).map_err(|error| error.within(format_args!("stream `{name}`")))
}

fn selected(name: String, mut stream: Map<String, Value>, choices: &Map<String, Value>) -> Result<ConfiguredStream> {
    let namespace = match stream.remove("namespace") {
        None | Some(Value::Null) => None,
        Some(Value::String(namespace)) => Some(namespace),
        Some(other) => return Err(Error::config(format!("`namespace` is {other}; it must be a string or null"))),
    };
    let json_schema = match stream.remove("json_schema") {
        None | Some(Value::Null) => Value::Object(Map::new()),
        Some(schema @ Value::Object(_)) => schema,
        Some(_) => return Err(Error::config("`json_schema` is not an object; copy it from the output of `discover`")),
    };
    let sync_mode = sync_mode(choices.get("sync_mode"))?;
    let cursor_field = path(choices.get("cursor_field"))
        .ok_or_else(|| Error::config("`cursor_field` must be one path, an array of names such as [\"updated_at\"]"))?;
    let primary_key = paths(choices.get("primary_key"))
        .ok_or_else(|| Error::config("`primary_key` must be an array of paths such as [[\"id\"]]"))?;
    let destination_sync_mode = choices.get("destination_sync_mode").and_then(Value::as_str).map(str::to_owned);
    let include_files = choices.get("include_files").and_then(Value::as_bool);
    Ok(ConfiguredStream {
        name,
        namespace,
        sync_mode,
        destination_sync_mode,
        cursor_field,
        primary_key,
        json_schema,
        include_files,
    })
}

fn sync_mode(value: Option<&Value>) -> Result<SyncMode> {
    let found = match value {
        Some(Value::String(mode)) if mode == "full_refresh" => return Ok(SyncMode::FullRefresh),
        Some(Value::String(mode)) if mode == "incremental" => return Ok(SyncMode::Incremental),
        None | Some(Value::Null) => "there is no `sync_mode`".to_owned(),
        Some(other) => format!("`sync_mode` {other} is not known"),
    };
    Err(Error::config(format!("{found}; use `full_refresh` or `incremental`")))
}

fn paths(value: Option<&Value>) -> Option<Vec<Vec<String>>> {
    match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(|item| path(Some(item))).collect(),
        Some(_) => None,
    }
}

fn path(value: Option<&Value>) -> Option<Vec<String>> {
    match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(names)) => names.iter().map(|name| name.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    }
}

fn refuse_duplicates(streams: &[ConfiguredStream]) -> Result<()> {
    let mut seen = HashSet::with_capacity(streams.len());
    let twice = streams.iter().find(|stream| !seen.insert((stream.namespace.as_deref(), stream.name.as_str())));
    let Some(ConfiguredStream { name, namespace, .. }) = twice else { return Ok(()) };
    let whose = namespace.as_ref().map(|namespace| format!(" of namespace `{namespace}`")).unwrap_or_default();
    Err(Error::config(format!("the configured catalog lists stream `{name}`{whose} twice; remove one of the entries")))
}

fn sync_modes<S: Serializer>(supports_incremental: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    let modes: &[SyncMode] =
        if *supports_incremental { &[SyncMode::FullRefresh, SyncMode::Incremental] } else { &[SyncMode::FullRefresh] };
    modes.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ErrorKind;

    #[test]
    fn nulls_unknown_fields_and_unknown_destination_modes_are_accepted() {
        let plain = ConfiguredStream {
            name: "users".into(),
            namespace: None,
            sync_mode: SyncMode::FullRefresh,
            destination_sync_mode: None,
            cursor_field: vec![],
            primary_key: vec![],
            json_schema: json!({}),
            include_files: None,
        };
        for (text, expected) in [
            (r#"{"streams":[]}"#, vec![]),
            (r#"{"streams":[{"stream":{"name":"users"},"sync_mode":"full_refresh"}]}"#, vec![plain.clone()]),
            // As the CDK's docker tests write it: every null present.
            (
                r#"{"streams":[{"stream":{"name":"users","json_schema":{},"supported_sync_modes":["full_refresh"],"source_defined_cursor":null,"default_cursor_field":null,"source_defined_primary_key":null,"namespace":null,"is_resumable":null,"is_file_based":null},"sync_mode":"full_refresh","destination_sync_mode":"overwrite_dedup","cursor_field":null,"primary_key":null,"generation_id":null,"minimum_generation_id":null,"sync_id":null,"include_files":null,"destination_object_name":null,"new":1}],"more":2}"#,
                vec![ConfiguredStream { destination_sync_mode: Some("overwrite_dedup".into()), ..plain.clone() }],
            ),
            (
                r#"{"streams":[{"stream":{"name":"users","namespace":"","json_schema":{"type":"object"}},"sync_mode":"incremental","destination_sync_mode":"append_dedup","cursor_field":["a","b"],"primary_key":[["id"],["org","id"]]},{"stream":{"name":"users"},"sync_mode":"full_refresh"}]}"#,
                vec![
                    ConfiguredStream {
                        namespace: Some("".into()),
                        sync_mode: SyncMode::Incremental,
                        destination_sync_mode: Some("append_dedup".into()),
                        cursor_field: vec!["a".into(), "b".into()],
                        primary_key: vec![vec!["id".into()], vec!["org".into(), "id".into()]],
                        json_schema: json!({"type": "object"}),
                        ..plain.clone()
                    },
                    plain.clone(),
                ],
            ),
        ] {
            assert_eq!(ConfiguredCatalog::parse(text).unwrap().streams, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_configured_catalog_is_refused_with_a_hint() {
        const CATALOG: &str = r#"{"type":"CATALOG","catalog":{"streams":[{"name":"users","json_schema":{},"supported_sync_modes":["full_refresh"]}]}}"#;
        for (text, parts) in [
            ("", &["not JSON", "line 1 column 0", "expected {\"streams\""] as &[_]),
            ("{\n  oops", &["not JSON", "line 2 column 3"]),
            (&format!("{{\"type\":\"LOG\",\"log\":{{}}}}\n{CATALOG}"), &["not JSON", "line 2", "discovered catalog"]),
            (CATALOG, &["no array `streams`", "discovered catalog"]),
            (r#"{"streams":[{"name":"users","supported_sync_modes":[]}]}"#, &["streams[0]", "discovered catalog"]),
            ("{}", &["no array `streams`"]),
            ("null", &["no array `streams`"]),
            ("[]", &["no array `streams`"]),
            (r#"{"streams":null}"#, &["no array `streams`"]),
            (r#"{"streams":[1]}"#, &["streams[0] is not an object"]),
            (r#"{"streams":[{"stream":{}}]}"#, &["streams[0].stream has no `name`"]),
        ] {
            assert_refused(text, parts);
        }
    }

    #[test]
    fn a_wrong_choice_names_the_stream() {
        for (stream, choice, parts) in [
            (
                "",
                r#""sync_mode":"INVALID""#,
                &["stream `users`", "\"INVALID\"", "`full_refresh` or `incremental`"] as &[_],
            ),
            ("", r#""sync_mode":null"#, &["stream `users`", "no `sync_mode`"]),
            ("", r#""sync_mode":"FULL_REFRESH""#, &["\"FULL_REFRESH\" is not known"]),
            ("", r#""sync_mode":"incremental","cursor_field":"updated_at""#, &["stream `users`", "[\"updated_at\"]"]),
            ("", r#""sync_mode":"incremental","primary_key":["id"]"#, &["stream `users`", "[[\"id\"]]"]),
            (r#","namespace":1"#, r#""sync_mode":"incremental""#, &["stream `users`", "`namespace` is 1"]),
            (r#","json_schema":[]"#, r#""sync_mode":"incremental""#, &["stream `users`", "`json_schema`"]),
        ] {
            assert_refused(&format!(r#"{{"streams":[{{"stream":{{"name":"users"{stream}}},{choice}}}]}}"#), parts);
        }
        let entry = r#"{"stream":{"name":"users","namespace":"n"},"sync_mode":"full_refresh"}"#;
        assert_refused(
            &format!(r#"{{"streams":[{entry},{entry}]}}"#),
            &["lists stream `users` of namespace `n` twice"],
        );
    }

    fn assert_refused(text: &str, parts: &[&str]) {
        let error = ConfiguredCatalog::parse(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        for part in parts {
            assert!(error.message().contains(part), "{text}\n{}\n{part}", error.message());
        }
    }
}
