//! The standard tests of a connector: what Airbyte's clients rely on, checked against a scripted API.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Script;
use super::spec_rules::spec_problems;
use crate::config::validate_schema;
use crate::define::Source;
use crate::embed::{Batch, Connector};

/// The tests behind [`connector_tests!`](crate::connector_tests); each panics with what is wrong.
#[derive(Debug)]
pub struct ConnectorTests<S> {
    folder: PathBuf,
    source: std::marker::PhantomData<fn() -> S>,
}

/// What a read says, without logs and clocks.
struct Transcript {
    /// The records of each stream, as text, sorted: slices are read side by side.
    records: BTreeMap<String, Vec<String>>,
    /// The last state of each stream.
    states: BTreeMap<String, Value>,
    /// The statuses of each stream.
    statuses: BTreeMap<String, Vec<String>>,
}

impl<S: Source> ConnectorTests<S> {
    /// The tests with the files of this folder.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        Self { folder: folder.as_ref().to_owned(), source: std::marker::PhantomData }
    }

    /// See [`connector_tests!`](crate::connector_tests).
    ///
    /// # Panics
    /// When the specification is not valid.
    pub fn spec_is_valid(&self) {
        let spec = Connector::<S>::spec();
        let problems = spec_problems(&spec);
        assert!(problems.is_empty(), "the specification breaks rules of Airbyte's form:\n{}", problems.join("\n"));
        self.compare("spec.json", &pretty(&spec));
    }

    /// See [`connector_tests!`](crate::connector_tests).
    ///
    /// # Panics
    /// When the catalog is not valid or not stable.
    pub fn catalog_is_stable(&self) {
        let discover = || {
            Connector::<S>::new(self.config()).discover().unwrap_or_else(|error| panic!("discover fails: {error:?}"))
        };
        let catalog = discover();
        assert_eq!(catalog, discover(), "two discoveries differ");
        for stream in catalog.as_array().into_iter().flatten() {
            let keys = stream["source_defined_primary_key"]
                .as_array()
                .into_iter()
                .flatten()
                .chain([&stream["default_cursor_field"]]);
            for path in keys.filter_map(Value::as_array).filter(|path| !path.is_empty()) {
                let found =
                    path.iter().try_fold(&stream["json_schema"], |schema, key| schema["properties"].get(key.as_str()?));
                assert!(found.is_some(), "{path:?} of stream {} is not in its schema", stream["name"]);
            }
        }
        self.compare("catalog.json", &pretty(&catalog));
    }

    /// See [`connector_tests!`](crate::connector_tests).
    ///
    /// # Panics
    /// When `check` fails.
    pub fn check_succeeds(&self) {
        let api = self.script().start();
        let connector = self.connector(&api.url());
        if let Err(error) = block_on(connector.check()) {
            panic!("check fails: {error:?}\nscript.json lacks answers:\n{}", api.complaints().join("\n"));
        }
    }

    /// See [`connector_tests!`](crate::connector_tests).
    ///
    /// # Panics
    /// When the read fails, or says something else than before.
    pub fn reads_scripted_responses(&self) {
        let transcript = self.read();
        let mut lines = String::new();
        for (stream, statuses) in &transcript.statuses {
            lines.push_str(&format!("{}\n", json!({"stream": stream, "statuses": statuses})));
            for record in transcript.records.get(stream).into_iter().flatten() {
                lines.push_str(&format!("{{\"stream\":{},\"data\":{record}}}\n", json!(stream)));
            }
            if let Some(state) = transcript.states.get(stream) {
                lines.push_str(&format!("{}\n", json!({"stream": stream, "state": state})));
            }
        }
        self.compare("messages.jsonl", &lines);
    }

    /// See [`connector_tests!`](crate::connector_tests).
    ///
    /// # Panics
    /// When a record does not fit its schema.
    pub fn schema_accepts_records(&self) {
        let catalog =
            Connector::<S>::new(self.config()).discover().unwrap_or_else(|error| panic!("discover fails: {error:?}"));
        for (stream, records) in &self.read().records {
            let schema =
                catalog.as_array().and_then(|streams| streams.iter().find(|known| known["name"] == json!(stream)));
            let schema = schema
                .map(|stream| &stream["json_schema"])
                .unwrap_or_else(|| panic!("stream `{stream}` is not discovered"));
            for record in records {
                let record: Value = serde_json::from_str(record).unwrap_or_else(|error| panic!("{error}: {record}"));
                let problems = validate_schema(schema, &record);
                assert!(
                    problems.is_empty(),
                    "a record of `{stream}` does not fit its schema: {}\n{record}",
                    problems.join("; ")
                );
            }
        }
    }

    /// See [`connector_tests!`](crate::connector_tests).
    ///
    /// # Panics
    /// When a state is not accepted.
    pub fn state_round_trips(&self) {
        let states = self.read().states;
        let messages: Vec<Value> = states
            .iter()
            .map(|(stream, state)| json!({"type": "STREAM", "stream": {"stream_descriptor": {"name": stream}, "stream_state": state}}))
            .collect();
        let api = self.script().start();
        let connector = self.connector(&api.url()).with_state(Value::Array(messages));
        // An API that has nothing to say keeps the state where it is: what matters is that the state is understood.
        let (again, _) = transcript(&connector, self.catalog());
        for stream in states.keys() {
            assert!(
                again.states.contains_key(stream),
                "stream `{stream}` writes no state when it goes on from its own"
            );
        }
    }

    fn read(&self) -> Transcript {
        let api = self.script().start();
        let (transcript, errors) = transcript(&self.connector(&api.url()), self.catalog());
        let unmatched = api.complaints();
        assert!(unmatched.is_empty(), "script.json lacks answers:\n{}", unmatched.join("\n"));
        assert!(errors.is_empty(), "the read fails:\n{}", errors.join("\n"));
        transcript
    }

    fn connector(&self, url: &str) -> Connector<S> {
        Connector::new(self.config()).with_origin(url).unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// All streams, incrementally, as PyAirbyte reads them.
    fn catalog(&self) -> Value {
        let catalog =
            Connector::<S>::new(self.config()).discover().unwrap_or_else(|error| panic!("discover fails: {error:?}"));
        let streams: Vec<Value> = catalog
            .as_array()
            .into_iter()
            .flatten()
            .map(|stream| json!({"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}))
            .collect();
        json!({ "streams": streams })
    }

    fn config(&self) -> Value {
        let text = self.text("config.json");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("config.json is not JSON: {error}"))
    }

    fn script(&self) -> Script {
        Script::from_json(&self.text("script.json")).unwrap_or_else(|error| panic!("script.json: {error}"))
    }

    fn text(&self, name: &str) -> String {
        let path = self.folder.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()))
    }

    fn compare(&self, name: &str, found: &str) {
        let path = self.folder.join(name);
        if std::env::var_os("UPDATE_CONNECTOR_TESTS").is_some() {
            std::fs::write(&path, found)
                .unwrap_or_else(|error| panic!("{} cannot be written: {error}", path.display()));
            return;
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            expected == found,
            "{} differs from what the connector says; set UPDATE_CONNECTOR_TESTS=1 to write it anew\n{}",
            path.display(),
            first_difference(&expected, found)
        );
    }
}

/// Reads everything, and says what failed.
fn transcript<S: Source>(connector: &Connector<S>, catalog: Value) -> (Transcript, Vec<String>) {
    let mut transcript = Transcript { records: BTreeMap::new(), states: BTreeMap::new(), statuses: BTreeMap::new() };
    let mut errors = Vec::new();
    let mut messages = connector.read(catalog);
    block_on(async {
        while let Some(batch) = messages.next().await {
            match batch {
                Ok(Batch::Records(lines)) => transcript.take_records(&String::from_utf8_lossy(&lines)),
                Ok(Batch::Message(message)) => transcript.take(&message, &mut errors),
                Err(error) => errors.push(format!("{error:?}")),
            }
        }
    });
    for records in transcript.records.values_mut() {
        records.sort();
    }
    (transcript, errors)
}

impl Transcript {
    fn take_records(&mut self, lines: &str) {
        for line in lines.lines() {
            let message: Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("a line is not JSON: {error}: {line}"));
            let stream = message["record"]["stream"].as_str().unwrap_or_default().to_owned();
            self.records.entry(stream).or_default().push(message["record"]["data"].to_string());
        }
    }

    fn take(&mut self, message: &Value, errors: &mut Vec<String>) {
        let name = |descriptor: &Value| descriptor["name"].as_str().unwrap_or_default().to_owned();
        if let Some(state) = message.get("state") {
            let stream = &state["stream"];
            let mut blob = stream["stream_state"].clone();
            // How long the read took is no part of what it says.
            if let Some(lookback) = blob.get_mut("lookback_window") {
                *lookback = json!(0);
            }
            self.states.insert(name(&stream["stream_descriptor"]), blob);
        } else if let Some(status) = message.pointer("/trace/stream_status") {
            let statuses = self.statuses.entry(name(&status["stream_descriptor"])).or_default();
            // How often a stream waits for a rate limit depends on what runs beside it.
            let text = status["status"].as_str().unwrap_or_default();
            if !statuses.iter().any(|said| said == text) {
                statuses.push(text.to_owned());
            }
        } else if let Some(error) = message.pointer("/trace/error") {
            errors.push(error.to_string());
        }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    crate::run::block_on(future).unwrap_or_else(|error| panic!("{error:?}"))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn first_difference(expected: &str, found: &str) -> String {
    let mut lines = expected.lines().zip(found.lines()).enumerate();
    match lines.find(|(_, (expected, found))| expected != found) {
        Some((at, (expected, found))) => format!("line {}:\n  expected {expected}\n  found    {found}", at + 1),
        None => format!("expected {} lines, found {}", expected.lines().count(), found.lines().count()),
    }
}
