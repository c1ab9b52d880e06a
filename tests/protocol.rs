//! What a connector writes is the Airbyte protocol, message by message: the quickstart connector's four commands
//! against the demo API, with the rules of the platform's and the CDK's readers written out.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod quickstart;

use std::collections::BTreeMap;

use demo_api::DemoApi;
use quickstart::{Folder, Outcome, STREAMS, catalog, run};
use serde_json::{Value, json};

/// Runs a command with the files that it needs.
fn command(name: &str, api: &DemoApi, streams: &[&str], state: Option<&Value>) -> Outcome {
    let folder = Folder::new();
    let config = folder.file("config.json", json!({"base_url": api.url(), "token": DemoApi::TOKEN}));
    let catalog = folder.file("catalog.json", catalog(streams));
    let state = state.map(|state| folder.file("state.json", state));
    let mut arguments = vec![name];
    if name != "spec" {
        arguments.extend(["--config", &config]);
    }
    if name == "read" {
        arguments.extend(["--debug", "--catalog", &catalog]);
    }
    if let Some(state) = &state {
        arguments.extend(["--state", state]);
    }
    let outcome = run(&arguments);
    assert_eq!(outcome.status.code(), Some(0), "{name}: {outcome:?}");
    assert_eq!(outcome.stderr, "", "{name}");
    for message in outcome.messages() {
        require_protocol(&message);
    }
    outcome
}

fn api() -> DemoApi {
    DemoApi::start().expect("the demo API starts")
}

/// The keys of an object, all known, the required ones there, and none of them null.
fn require_keys(object: &Value, required: &[&str], optional: &[&str]) {
    let keys = object.as_object().unwrap_or_else(|| panic!("not an object: {object}"));
    for key in required {
        assert!(keys.contains_key(*key), "no `{key}` in {object}");
    }
    for (key, value) in keys {
        assert!(required.contains(&key.as_str()) || optional.contains(&key.as_str()), "unknown `{key}` in {object}");
        assert!(!value.is_null(), "`{key}` is null in {object}");
    }
}

/// The rules of one message, which both of Airbyte's Python loaders and the platform's reader keep.
fn require_protocol(message: &Value) {
    let payload = |key: &'static str| {
        require_keys(message, &["type", key], &[]);
        &message[key]
    };
    match message["type"].as_str() {
        Some("RECORD") => require_record(payload("record")),
        Some("STATE") => require_state(payload("state")),
        Some("TRACE") => require_trace(payload("trace")),
        Some("LOG") => {
            let log = payload("log");
            require_keys(log, &["level", "message"], &["stack_trace"]);
            let levels = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
            assert!(
                log["level"].as_str().is_some_and(|level| levels.contains(&level)) && log["message"].is_string(),
                "{log}"
            );
        }
        Some("SPEC") => {
            let spec = payload("spec");
            require_keys(
                spec,
                &["connectionSpecification"],
                &["documentationUrl", "changelogUrl", "advanced_auth", "protocol_version"],
            );
        }
        Some("CONNECTION_STATUS") => {
            let status = payload("connectionStatus");
            require_keys(status, &["status"], &["message"]);
            assert!(
                status["status"] == "SUCCEEDED" || (status["status"] == "FAILED" && status["message"].is_string()),
                "{status}"
            );
        }
        Some("CATALOG") => {
            require_keys(payload("catalog"), &["streams"], &[]);
            message["catalog"]["streams"].as_array().expect("an array").iter().for_each(require_stream);
        }
        _ => panic!("an unknown type: {message}"),
    }
}

fn require_record(record: &Value) {
    require_keys(record, &["stream", "data", "emitted_at"], &["namespace", "meta"]);
    // The CDK's loader takes a record with a float here for a line of the log.
    assert!(record["emitted_at"].is_u64() && record["stream"].is_string(), "{record}");
    assert!(record["data"].as_object().is_some_and(|data| !data.is_empty()), "{record}");
}

fn require_state(state: &Value) {
    require_keys(state, &["type", "stream", "sourceStats"], &[]);
    assert_eq!(state["type"], "STREAM");
    require_keys(&state["stream"], &["stream_descriptor", "stream_state"], &[]);
    require_keys(&state["stream"]["stream_descriptor"], &["name"], &["namespace"]);
    assert!(state["stream"]["stream_state"].is_object(), "{state}");
    require_keys(&state["sourceStats"], &["recordCount"], &[]);
    assert!(state["sourceStats"]["recordCount"].is_f64(), "a count without a decimal point: {state}");
}

fn require_trace(trace: &Value) {
    assert!(trace["emitted_at"].is_number(), "{trace}");
    match trace["type"].as_str() {
        Some("STREAM_STATUS") => {
            require_keys(trace, &["type", "emitted_at", "stream_status"], &[]);
            let status = &trace["stream_status"];
            require_keys(status, &["stream_descriptor", "status"], &["reasons"]);
            for reason in status["reasons"].as_array().into_iter().flatten() {
                assert_eq!(reason["type"], "RATE_LIMITED");
                assert!(status["status"] == "RUNNING" && reason["rate_limited"]["quota_reset"].is_u64(), "{trace}");
            }
        }
        Some("ERROR") => {
            require_keys(trace, &["type", "emitted_at", "error"], &[]);
            let error = &trace["error"];
            require_keys(
                error,
                &["message", "failure_type"],
                &["internal_message", "stack_trace", "stream_descriptor"],
            );
            let kinds = ["config_error", "transient_error", "system_error"];
            assert!(error["failure_type"].as_str().is_some_and(|kind| kinds.contains(&kind)), "{trace}");
        }
        _ => panic!("an unknown trace: {trace}"),
    }
}

fn require_stream(stream: &Value) {
    let optional = [
        "source_defined_cursor",
        "default_cursor_field",
        "source_defined_primary_key",
        "namespace",
        "is_resumable",
        "is_file_based",
    ];
    require_keys(stream, &["name", "json_schema", "supported_sync_modes"], &optional);
    assert_eq!(stream["json_schema"]["type"], "object");
    let modes = stream["supported_sync_modes"].as_array().expect("an array");
    assert!(modes.contains(&json!("full_refresh")), "{stream}");
    let is_path =
        |path: &Value| path.as_array().is_some_and(|path| !path.is_empty() && path.iter().all(Value::is_string));
    assert!(stream["source_defined_primary_key"].as_array().is_some_and(|paths| paths.iter().all(is_path)), "{stream}");
    if modes.contains(&json!("incremental")) {
        assert!(is_path(&stream["default_cursor_field"]) && stream["source_defined_cursor"] == true, "{stream}");
        assert_eq!(stream["is_resumable"], true, "{stream}");
    }
    let schema = stream["json_schema"].to_string();
    for forbidden in ["\"$ref\"", "\"allOf\"", "\"anyOf\"", "\"not\"", "\"required\""] {
        assert!(!schema.contains(forbidden), "{forbidden} in {schema}");
    }
}

#[test]
fn spec_is_one_message() {
    let outcome = command("spec", &api(), &[], None);
    let specs = outcome.of("SPEC", "spec");
    assert_eq!(specs.len(), 1);
    let specification = &specs[0]["connectionSpecification"];
    assert_eq!(specification["type"], "object");
    assert_eq!(specification["properties"]["token"]["airbyte_secret"], true);
    assert_eq!(specification["properties"]["base_url"]["title"], "Base URL");
    assert_eq!(specification["properties"]["start_date"]["default"], "2024-01-01T00:00:00Z");
    let mut required: Vec<_> =
        specification["required"].as_array().expect("an array").iter().filter_map(Value::as_str).collect();
    required.sort_unstable();
    assert_eq!(required, ["base_url", "token"]);
    assert_ne!(specification["additionalProperties"], false);
}

#[test]
fn check_is_one_status() {
    let outcome = command("check", &api(), &[], None);
    assert_eq!(outcome.of("CONNECTION_STATUS", "connectionStatus"), [json!({"status": "SUCCEEDED"})]);
}

#[test]
fn discover_is_one_catalog_and_the_same_each_time() {
    let api = api();
    let catalog = |outcome: Outcome| {
        let catalogs = outcome.of("CATALOG", "catalog");
        assert_eq!(catalogs.len(), 1);
        catalogs[0].to_string()
    };
    let first = catalog(command("discover", &api, &[], None));
    assert_eq!(first, catalog(command("discover", &api, &[], None)));
    let first: Value = serde_json::from_str(&first).expect("JSON");
    let streams = first["streams"].as_array().expect("an array");
    assert_eq!(streams.iter().map(|stream| stream["name"].as_str().expect("a name")).collect::<Vec<_>>(), STREAMS);
}

#[test]
fn a_read_tells_the_life_of_every_stream() {
    let outcome = command("read", &api(), &STREAMS, None);
    assert_eq!(outcome.errors(), []);
    let truth = [("customers", 250), ("products", 120), ("orders", 1000), ("events", 600)];
    for (stream, count) in truth {
        assert_eq!(outcome.records(stream).len(), count, "{stream}");
    }
    assert!(outcome.records("order_lines").len() > 1000);
    for stream in STREAMS {
        let statuses = outcome.statuses(stream);
        let (first, rest) = statuses.split_first().expect("a status");
        let (last, middle) = rest.split_last().expect("two statuses");
        assert!(first == "STARTED" && last == "COMPLETE", "{stream}: {statuses:?}");
        assert!(!middle.is_empty() && middle.iter().all(|status| status == "RUNNING"), "{stream}: {statuses:?}");
        assert!(!outcome.states(stream).is_empty(), "{stream}");
    }
    require_order(&outcome.messages());
    // The demo API limits the rate of events once.
    assert!(outcome.stdout.contains("\"RATE_LIMITED\""));
    for stream in ["customers", "products", "order_lines"] {
        assert_eq!(outcome.states(stream), [json!({"__ab_no_cursor_state_message": true})], "{stream}");
    }
}

/// STARTED, then RUNNING before the first record, the last state after the last record, the end after that; and each
/// count is that of the records since the state before.
fn require_order(messages: &[Value]) {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    let mut phase: BTreeMap<String, String> = BTreeMap::new();
    let name = |value: &Value| value.as_str().expect("a name").to_owned();
    for message in messages {
        if let Some(record) = message.get("record") {
            let stream = name(&record["stream"]);
            assert_eq!(phase.get(&stream).map(String::as_str), Some("RUNNING"), "a record of {stream}");
            *counts.entry(stream).or_default() += 1.0;
        } else if let Some(state) = message.get("state") {
            let stream = name(&state["stream"]["stream_descriptor"]["name"]);
            assert_ne!(phase.get(&stream).map(String::as_str), Some("COMPLETE"), "a state of {stream}");
            assert_eq!(
                state["sourceStats"]["recordCount"].as_f64(),
                Some(counts.insert(stream, 0.0).unwrap_or(0.0)),
                "{state}"
            );
        } else if let Some(status) = message.pointer("/trace/stream_status") {
            phase.insert(name(&status["stream_descriptor"]["name"]), name(&status["status"]));
        }
    }
    assert!(counts.values().all(|count| *count == 0.0), "records after the last state: {counts:?}");
}

/// The second sync asks for what is new and nothing else: only what stands on the state's own value comes again.
#[test]
fn a_second_read_fetches_only_what_is_new() {
    let api = api();
    let first = command("read", &api, &["orders", "events"], None);
    let second = command("read", &api, &["orders", "events"], Some(&first.state_file()));
    let requests =
        |outcome: &Outcome, path: &str| outcome.stdout.matches(&format!("\"GET {}{path}\"", api.url())).count();
    for (stream, cursor) in [("orders", "updated_at"), ("events", "occurred_at")] {
        let state = first.states(stream).pop().expect("a state");
        let reached =
            |record: &Value| record[cursor].to_string().trim_matches('"') == state[cursor].as_str().expect("a text");
        let again = second.records(stream);
        assert!(again.iter().all(reached), "{stream}: {state} and {again:?}");
        assert_eq!(again.len(), first.records(stream).iter().filter(|record| reached(record)).count(), "{stream}");
        let asked = requests(&second, &format!("/{stream}"));
        assert!(asked >= 1 && asked < requests(&first, &format!("/{stream}")), "{stream}: {asked} requests");
        assert_eq!(second.states(stream).last(), first.states(stream).last(), "{stream}");
        assert_eq!(second.statuses(stream).last().map(String::as_str), Some("COMPLETE"));
    }
}

/// A read stopped anywhere goes on from the states that it wrote: what both read is all that there is.
#[test]
fn a_read_goes_on_from_any_of_its_states() {
    let api = api();
    let full = command("read", &api, &["orders"], None);
    let messages = full.messages();
    let states: Vec<usize> = (0..messages.len()).filter(|at| messages[*at]["type"] == "STATE").collect();
    for stop in [states[0], states[states.len() / 2]] {
        let state = quickstart::state_file(&messages[..=stop]);
        let rest = command("read", &api, &["orders"], Some(&state));
        let before = messages[..stop].iter().filter_map(|message| message.pointer("/record/data/id"));
        let mut ids: Vec<u64> = before.filter_map(Value::as_u64).collect();
        let earlier = ids.len();
        ids.extend(rest.records("orders").iter().filter_map(|order| order["id"].as_u64()));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 1000, "stopped after {earlier} records at {state}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_pipe_of_a_read_holds_a_mebibyte() {
    // Who has many pipes may not have large ones.
    let (reader, own) = std::io::pipe().expect("a pipe");
    if let Err(error) = rustix::pipe::fcntl_setpipe_size(&own, 1 << 20) {
        eprintln!("not tested: this system refuses a pipe of a mebibyte ({error})");
        return;
    }
    drop((reader, own));
    let api = api();
    let folder = Folder::new();
    let config = folder.file("config.json", json!({"base_url": api.url(), "token": DemoApi::TOKEN}));
    let catalog = folder.file("catalog.json", catalog(&["customers"]));
    let size = |arguments: &[&str]| {
        let mut process = quickstart::start(arguments);
        let mut stdout = process.stdout.take().expect("a pipe");
        let mut written = Vec::new();
        std::io::Read::read_to_end(&mut stdout, &mut written).expect("messages");
        quickstart::end(process, std::time::Instant::now());
        rustix::pipe::fcntl_getpipe_size(&stdout).expect("a size")
    };
    let usual = size(&["spec"]);
    assert!(usual < 1 << 20, "{usual}");
    assert_eq!(size(&["read", "--config", &config, "--catalog", &catalog]), 1 << 20);
}
