//! What a manifest's connector says of what went wrong, and in which order it says things: as with the Python CDK, since
//! users look for its sentences.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod manifest_program;
#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod quickstart;

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use airbyte_runtime::testing::{Script, ScriptedApi};
use quickstart::{Folder, catalog, parse};
use serde_json::{Value, json};

/// A manifest of one stream, `things`.
fn manifest(api: &ScriptedApi, error_handler: &Value, more: &Value) -> Value {
    let mut manifest = json!({
        "version": "7.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["things"]},
        "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
        "streams": [{
            "type": "DeclarativeStream",
            "name": "things",
            "retriever": {
                "type": "SimpleRetriever",
                "requester": {
                    "type": "HttpRequester",
                    "url_base": api.url(),
                    "path": "/things",
                    "http_method": "GET",
                    "error_handler": error_handler,
                },
                "record_selector": {
                    "type": "RecordSelector",
                    "extractor": {"type": "DpathExtractor", "field_path": []},
                },
            },
            "schema_loader": {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}},
        }],
    });
    merge(&mut manifest, more);
    manifest
}

fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(more)) => {
            into.iter_mut().zip(more).for_each(|(into, more)| merge(into, more));
        }
        (into, more) => *into = more.clone(),
    }
}

/// What a command says, with the address of the API taken out.
fn run(command: &str, api: &ScriptedApi, manifest: &Value) -> Vec<Value> {
    let files = Folder::new();
    let manifest = files.file("manifest.yaml", manifest);
    let config = files.file("config.json", "{}");
    let catalog = files.file("catalog.json", catalog(&["things"]));
    let mut program = Command::new(manifest_program::program());
    program.args([command, "--manifest-path", &manifest, "--config", &config]);
    if command == "read" {
        program.args(["--catalog", &catalog]);
    }
    let began = Instant::now();
    let mut process = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let process = process.as_mut().expect("the program starts");
    let mut text = String::new();
    process.stdout.take().expect("a pipe").read_to_string(&mut text).expect("messages are UTF-8");
    process.wait().expect("the program ends");
    assert!(began.elapsed().as_secs() < 60, "it takes too long");
    text.replace(&api.url(), "API").lines().map(parse).collect()
}

/// The message of `check`, and the kind and the message of the stream's error in a read.
fn failure(answer: &Value, error_handler: &Value, more: &Value) -> (String, String, String) {
    let script = json!([{"request": {"path": "/things"}, "response": answer}]).to_string();
    let api = Script::from_json(&script).expect("a script").start();
    let manifest = manifest(&api, error_handler, more);
    let check = run("check", &api, &manifest);
    let check = check.iter().find_map(|message| message.pointer("/connectionStatus/message")?.as_str());
    let read = run("read", &api, &manifest);
    let mut errors = read.iter().filter_map(|message| message.pointer("/trace/error"));
    let error = errors.find(|error| error.pointer("/stream_descriptor/name").is_some()).expect("an error");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (check.unwrap_or_default().to_owned(), text(&error["failure_type"]), text(&error["message"]))
}

const NO_RETRY: &str = r#"{"type": "DefaultErrorHandler", "max_retries": 0}"#;

#[test]
fn a_refused_request_is_told_in_the_sentences_of_airbytes_documentation() {
    let no_retry: Value = serde_json::from_str(NO_RETRY).expect("JSON");
    let filtered =
        |filter: Value| json!({"type": "DefaultErrorHandler", "max_retries": 0, "response_filters": [filter]});
    let gave_up = "Exhausted available request attempts. Please see logs for more details. Exception: ";
    let cases = [
        (
            json!({"status": 404, "body": {"detail": "x"}}),
            no_retry.clone(),
            "system_error",
            "HTTP Status Code: 404. Error: Not found. The requested resource was not found on the server.".to_owned(),
        ),
        (
            json!({"status": 403}),
            no_retry.clone(),
            "config_error",
            "HTTP Status Code: 403. Error: Forbidden. You don't have permission to access this resource.".to_owned(),
        ),
        (
            json!({"status": 503}),
            no_retry.clone(),
            "transient_error",
            format!("{gave_up}HTTP Status Code: 503. Error: Service unavailable."),
        ),
        (json!({"status": 429}), no_retry.clone(), "transient_error", "API rate limit exceeded.".to_owned()),
        (
            json!({"status": 422, "body": {"a": 1}}),
            no_retry,
            "system_error",
            format!(
                "{gave_up}Response was not ok: `422 Client Error: Unprocessable Entity for url: API/things`. Response content is: {{\"a\":1}}"
            ),
        ),
        (
            json!({"status": 404}),
            filtered(
                json!({"type": "HttpResponseFilter", "action": "FAIL", "predicate": "{{ request_url == 'API/things' or True }}", "failure_type": "config_error", "error_message": "gone from {{ request_url }}"}),
            ),
            "config_error",
            "gone from API/things".to_owned(),
        ),
        (
            json!({"status": 403}),
            filtered(
                json!({"type": "HttpResponseFilter", "action": "RATE_LIMITED", "http_codes": [403], "error_message": "slow down"}),
            ),
            "config_error",
            format!("{gave_up}slow down"),
        ),
        (
            json!({"status": 418}),
            filtered(json!({"type": "HttpResponseFilter", "action": "RETRY", "http_codes": [418]})),
            "system_error",
            format!(
                "{gave_up}Request to API/things failed with failure type FailureType.system_error, response action ResponseAction.RETRY."
            ),
        ),
        (
            json!({"status": 418, "body": {"error": "tea"}}),
            filtered(json!({"type": "HttpResponseFilter", "action": "FAIL", "http_codes": [418]})),
            "system_error",
            "'GET' request to 'API/things' failed with status code '418' and error message: 'tea'.".to_owned(),
        ),
        (
            json!({"status": 429, "headers": {"X-Wait": "10"}}),
            json!({"type": "DefaultErrorHandler", "backoff_strategies": [
                {"type": "WaitTimeFromHeader", "header": "X-Wait", "max_waiting_time_in_seconds": 10},
            ]}),
            "transient_error",
            "The rate limit wait time is longer than the connector is allowed to wait.".to_owned(),
        ),
    ];
    for (answer, handler, kind, message) in cases {
        let (check, failure_type, said) = failure(&answer, &handler, &json!({}));
        assert_eq!((failure_type.as_str(), said.as_str()), (kind, message.as_str()), "{answer} {handler}");
        let quote = if message.contains('\'') && !message.contains('"') { '"' } else { '\'' };
        let escaped = if quote == '\'' { message.replace('\'', "\\'") } else { message };
        assert_eq!(check, format!("{quote}Stream things is not available: {escaped}{quote}"), "{answer} {handler}");
    }
}

#[test]
fn a_page_that_cannot_become_smaller_is_told_with_its_stream_and_its_size() {
    let handler = json!({"type": "DefaultErrorHandler", "response_filters": [
        {"type": "HttpResponseFilter", "action": "REDUCE_PAGE_SIZE", "http_codes": [500]},
    ]});
    let option = |name: &str| json!({"type": "RequestOption", "inject_into": "request_parameter", "field_name": name});
    let reduction = |attempts: u32| {
        json!({"streams": [{"retriever": {
            "page_size_reduction":
                {"type": "PageSizeReduction", "backoff_seconds": 0, "max_attempts": attempts, "failure_message": "Too big."},
            "paginator": {
                "type": "DefaultPaginator",
                "page_size_option": option("limit"),
                "page_token_option": option("offset"),
                "pagination_strategy": {"type": "OffsetIncrement", "page_size": 4},
            },
        }}]})
    };
    let (_, kind, message) = failure(&json!({"status": 500}), &handler, &reduction(5));
    assert_eq!(kind, "transient_error");
    let prefix = "The source keeps rejecting pages of stream things at";
    assert_eq!(
        message,
        format!("{prefix} the smallest page size the connector is allowed to request (1 records per page). Too big.")
    );
    let (_, _, message) = failure(&json!({"status": 500}), &handler, &reduction(1));
    assert_eq!(
        message,
        format!("{prefix} every page size the connector requested, down to 2 records per page. Too big.")
    );
}

/// The types of the messages, statuses with what they say.
fn sequence(messages: &[Value]) -> Vec<String> {
    let word = |message: &Value| match message["type"].as_str()? {
        "LOG" => None,
        "TRACE" => Some(match message.pointer("/trace/stream_status/status").and_then(Value::as_str) {
            Some(status) => status.to_owned(),
            None => "ERROR".to_owned(),
        }),
        other => Some(other.to_owned()),
    };
    messages.iter().filter_map(word).collect()
}

#[test]
fn a_stream_ends_with_its_last_state_behind_its_last_status() {
    let read = |answer: Value, more: &Value| {
        let script = json!([{"request": {"path": "/things"}, "response": answer}]).to_string();
        let api = Script::from_json(&script).expect("a script").start();
        let handler = serde_json::from_str(NO_RETRY).expect("JSON");
        sequence(&run("read", &api, &manifest(&api, &handler, more)))
    };
    let records = json!({"body": [{"id": 1, "at": "2024-01-02"}]});
    let whole = read(records.clone(), &json!({}));
    assert_eq!(whole, ["STARTED", "RUNNING", "RECORD", "COMPLETE", "STATE"]);
    let failed = read(json!({"status": 404}), &json!({}));
    assert_eq!(failed, ["STARTED", "ERROR", "INCOMPLETE", "STATE", "ERROR"]);
    // The state of a slice is said again at the end.
    let cursor = json!({"streams": [{"incremental_sync": {
        "type": "DatetimeBasedCursor",
        "cursor_field": "at",
        "datetime_format": "%Y-%m-%d",
        "start_datetime": "2024-01-01",
        "end_datetime": "2024-02-01",
    }}]});
    let incremental = read(records, &cursor);
    assert_eq!(incremental, ["STARTED", "RUNNING", "RECORD", "STATE", "COMPLETE", "STATE"]);
}
