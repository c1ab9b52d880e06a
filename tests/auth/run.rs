//! Runs a connector within the test, and notes what it writes and what it asks in one order.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use airbyte_runtime::define::Source;
use airbyte_runtime::manifest::Registry;
use airbyte_runtime::testing::{Request, Response, Server};
use serde_json::{Value, json};

use crate::quickstart::Folder;

/// What happened, in order.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Asked(Request),
    Said(Value),
}

/// Everything that happened so far.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<Event>>>);

impl Events {
    fn add(&self, event: Event) {
        self.lock().push(event);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self) -> Vec<Event> {
        self.lock().clone()
    }

    /// The requests to a path, in the order of their arrival.
    pub(crate) fn asked(&self, path: &str) -> Vec<Request> {
        let is_asked = |event: Event| match event {
            Event::Asked(request) if request.path.starts_with(path) => Some(request),
            _ => None,
        };
        self.all().into_iter().filter_map(is_asked).collect()
    }

    /// The messages of a type.
    pub(crate) fn said(&self, kind: &str) -> Vec<Value> {
        let is_said = |event: Event| match event {
            Event::Said(message) if message["type"] == kind => Some(message),
            _ => None,
        };
        self.all().into_iter().filter_map(is_said).collect()
    }

    /// The `id` of each record, sorted.
    pub(crate) fn ids(&self) -> Vec<u64> {
        let records = self.said("RECORD");
        let mut ids: Vec<u64> = records.iter().filter_map(|line| line["record"]["data"]["id"].as_u64()).collect();
        ids.sort_unstable();
        ids
    }

    /// Failure type and message of the first error.
    pub(crate) fn failure(&self) -> Option<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let traces = self.said("TRACE");
        let error = traces.iter().find_map(|line| line["trace"].get("error"))?;
        Some((text(&error["failure_type"]), text(&error["message"])))
    }

    /// Fails if one of the texts stands in what was written, other than in a new configuration.
    pub(crate) fn require_hidden(&self, secrets: &[&str]) {
        for event in self.all() {
            let Event::Said(message) = event else { continue };
            let text = message.to_string();
            let is_config = message["type"] == "CONTROL";
            assert!(is_config || secrets.iter().all(|secret| !text.contains(secret)), "a secret in {text}");
        }
    }
}

/// An API whose requests are noted.
pub(crate) fn serve(events: &Events, answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Server {
    let events = events.clone();
    let server = Server::start(move |request| {
        events.add(Event::Asked(request.clone()));
        answer(&request)
    });
    server.expect("a free port")
}

/// Notes each line of stdout.
struct Lines {
    events: Events,
    begun: Vec<u8>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.begun.drain(..=end).collect();
            self.events.add(Event::Said(serde_json::from_slice(&line).expect("a message")));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What describes the connector.
#[derive(Clone, Copy)]
pub(crate) enum FrontEnd<'a> {
    /// Reads with these arguments, as `run_with` of a source does.
    Structs(fn(&Folder, Vec<String>, Output)),
    /// The authenticator of the manifest's requester, as JSON.
    Manifest(&'a str),
}

/// Where messages go.
pub(crate) struct Output(Lines);

/// The front end of a source.
pub(crate) fn structs<S: Source>() -> FrontEnd<'static> {
    FrontEnd::Structs(|_, arguments, output| {
        let _ = airbyte_runtime::run_with::<S>(arguments.into_iter().map(Into::into), output.0);
    })
}

/// The right to run a command: logs and panics are the process's.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the stream `rows` with this configuration.
pub(crate) fn read(front_end: FrontEnd<'_>, config: &Value, events: &Events) {
    let _turn = turn();
    let folder = Folder::new();
    let stream = json!({"name": "rows", "json_schema": {}, "supported_sync_modes": ["full_refresh"]});
    let stream = json!({"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"});
    let catalog = folder.file("catalog.json", json!({ "streams": [stream] }));
    let config = folder.file("config.json", config);
    let mut arguments: Vec<String> = ["read", "--config", &config, "--catalog", &catalog].map(str::to_owned).to_vec();
    let output = Output(Lines { events: events.clone(), begun: Vec::new() });
    match front_end {
        FrontEnd::Structs(run) => run(&folder, arguments, output),
        FrontEnd::Manifest(authenticator) => {
            let manifest = folder.file("manifest.yaml", manifest(authenticator));
            arguments.extend(["--manifest-path".to_owned(), manifest]);
            let arguments = arguments.into_iter().map(Into::into);
            let _ = airbyte_runtime::manifest::run_with(Registry::new(), arguments, output.0);
        }
    }
}

/// A manifest with the stream `rows`, one part of which is read for each of the configuration's `parts`.
fn manifest(authenticator: &str) -> Value {
    let authenticator: Value = serde_json::from_str(authenticator).expect("an authenticator");
    let retry = json!({"type": "HttpResponseFilter", "action": "REFRESH_TOKEN_THEN_RETRY", "http_codes": [401]});
    let backoff = json!({"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 0.01});
    let handler = json!({
        "type": "DefaultErrorHandler", "response_filters": [retry], "backoff_strategies": [backoff], "max_retries": 2,
    });
    let requester = json!({
        "type": "HttpRequester", "url_base": "{{ config['base_url'] }}", "path": "/rows/{{ stream_partition.part }}",
        "authenticator": authenticator, "error_handler": handler,
    });
    let selector = json!({"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": []}});
    let router = json!({"type": "ListPartitionRouter", "values": "{{ config['parts'] }}", "cursor_field": "part"});
    let retriever = json!({
        "type": "SimpleRetriever", "requester": requester, "record_selector": selector, "partition_router": router,
    });
    let schema = json!({"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}});
    json!({
        "version": "7.0.0", "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["rows"]},
        "streams": [
            {"type": "DeclarativeStream", "name": "rows", "retriever": retriever, "schema_loader": schema},
        ],
        "concurrency_level": {
            "type": "ConcurrencyLevel", "default_concurrency": "{{ config['workers'] }}", "max_concurrency": 64,
        },
        "spec": {"type": "Spec", "connection_specification": {
            "type": "object", "properties": {
                "client_secret": {"type": "string", "airbyte_secret": true},
                "refresh_token": {"type": "string", "airbyte_secret": true},
                "password": {"type": "string", "airbyte_secret": true},
                "secret_key": {"type": "string", "airbyte_secret": true},
                "tokens": {"type": "string", "airbyte_secret": true},
            },
        }},
    })
}
