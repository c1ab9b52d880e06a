//! How the connector of a manifest stands before the platform: what it says of what went wrong, in which order it speaks,
//! and which states and configurations it takes. All of it is as with the Python CDK, since users look for its sentences.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod manifest_program;
#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod quickstart;

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use airbyte_runtime::testing::{Method, Response, Script, ScriptedApi};
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
    run_in(&Folder::new(), command, api, manifest, &catalog(&["things"]), None)
}

/// The same with the catalog and the state of a read; what is in the folder stays there.
fn run_in(
    files: &Folder,
    command: &str,
    api: &ScriptedApi,
    manifest: &Value,
    catalog: &Value,
    state: Option<Value>,
) -> Vec<Value> {
    let manifest = files.file("manifest.yaml", manifest);
    let config = files.path("config.json");
    if !std::path::Path::new(&config).exists() {
        files.file("config.json", "{}");
    }
    let mut program = Command::new(manifest_program::program());
    program.args([command, "--manifest-path", &manifest, "--config", &config]);
    if command == "read" {
        program.args(["--catalog", &files.file("catalog.json", catalog)]);
    }
    if let Some(state) = state {
        let state =
            json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "things"}, "stream_state": state}}]);
        program.args(["--state", &files.file("state.json", state)]);
    }
    let began = Instant::now();
    let mut process = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let process = process.as_mut().expect("the program starts");
    let mut text = String::new();
    process.stdout.take().expect("a pipe").read_to_string(&mut text).expect("messages are UTF-8");
    process.wait().expect("the program ends");
    assert!(began.elapsed().as_secs() < 600, "it takes too long");
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
fn no_part_of_a_secret_is_left_where_the_body_of_an_answer_is_cut() {
    let token = "s3cr3t-t0ken-of-the-user";
    // Wherever a cut is, it would be in one of them.
    let answer = json!({"status": 422, "body": {"sent": vec![token; 600]}});
    let api = Script::from_json(&json!([{"request": {"path": "/things"}, "response": answer}]).to_string());
    let api = api.expect("a script").start();
    let properties = json!({"token": {"type": "string", "airbyte_secret": true}});
    let spec =
        json!({"spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": properties}}});
    let manifest = manifest(&api, &serde_json::from_str(NO_RETRY).expect("JSON"), &spec);
    for command in ["check", "read"] {
        let files = Folder::new();
        files.file("config.json", json!({ "token": token }));
        let messages = run_in(&files, command, &api, &manifest, &catalog(&["things"]), None);
        let said = messages.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        assert!(said.contains("Response content is: {\\\"sent\\\":[\\\"****\\\""), "{said}");
        assert!(!said.contains("s3c"), "{said}");
    }
}

#[test]
fn a_record_does_not_decide_which_host_sees_the_credentials() {
    let script = json!([
        {"request": {"path": "/parents"}, "response": {"body": [{"link": "__URL__/children"}]}},
        {"request": {"path": "/children"}, "response": {"body": [{"id": 1}]}},
    ]);
    let handler = serde_json::from_str(NO_RETRY).expect("JSON");
    let auth = json!({"type": "BearerAuthenticator", "api_token": "s3cr3t"});
    for address in ["{{ stream_partition.link }}", "{{ stream_slice.extra_fields['link'] }}", "{{ link }}"] {
        // The first time the record leads back to the host of its own stream, the second time to another one.
        for (host, sees) in [("127.0.0.1", true), ("localhost", false)] {
            let api = Script::from_json(&script.to_string()).expect("a script").start();
            let base = api.url().replace("127.0.0.1", host);
            let requester = json!({"url_base": base, "path": "/parents", "authenticator": auth});
            let parent = manifest(&api, &handler, &json!({"streams": [{"retriever": {"requester": requester}}]}));
            let mut parent = parent["streams"][0].clone();
            parent["name"] = "parents".into();
            let child = json!({"streams": [{"retriever": {
                "requester": {"url_base": address, "path": "", "authenticator": auth},
                "partition_router": {"type": "SubstreamPartitionRouter", "parent_stream_configs": [{
                    "type": "ParentStreamConfig", "parent_key": "link", "partition_field": "link", "stream": parent,
                    "extra_fields": [["link"]],
                }]},
            }}]});
            let messages = run("read", &api, &manifest(&api, &handler, &child));
            assert!(sequence(&messages).contains(&"RECORD".to_owned()), "{messages:?}");
            let seen: Vec<(String, bool)> = api
                .requests()
                .iter()
                .map(|request| (request.path.clone(), request.header("authorization").is_some()))
                .collect();
            assert_eq!(seen, [("/parents".to_owned(), true), ("/children".to_owned(), sees)], "{address} {host}");
        }
    }
}

#[test]
fn a_page_whose_lists_are_fetched_is_asked_for_again_if_it_broke_off() {
    let orders = json!([{"id": 1, "lines": {"more": true, "data": []}}, {"id": 2, "lines": {"data": [{"x": 2}]}}]);
    let lines = json!({"data": [{"x": 1}]});
    let script =
        [("/things", &orders), ("/lines/1", &lines)].into_iter().fold(Script::new(), |script, (path, body)| {
            let whole = Response::json(200, body);
            // Its length says that this was all.
            let half = Response::json(200, body).body(whole.content().slice(..whole.content().len() / 2));
            script.on(Method::GET, path).replies([half, whole])
        });
    let api = script.start();
    let handler = json!({"type": "DefaultErrorHandler",
        "backoff_strategies": [{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 0}]});
    let fetched = json!({
        "type": "SimpleRetriever",
        "requester": {"type": "HttpRequester", "url_base": api.url(), "http_method": "GET", "error_handler": handler,
            "path": "lines/{{ stream_slice['parent_record']['id'] }}"},
        "record_selector": {"type": "RecordSelector",
            "extractor": {"type": "DpathExtractor", "field_path": ["data"]}},
    });
    let expander = json!({"type": "RecordExpander", "expand_records_from_field": ["lines", "data"],
        "truncation_indicator_path": ["lines", "more"], "truncated_list_retriever": fetched});
    let more = json!({"streams": [{"retriever": {"record_selector": {"extractor": {"record_expander": expander}}}}]});
    let messages = run("read", &api, &manifest(&api, &handler, &more));
    let records: Vec<&Value> = messages.iter().filter_map(|message| message.pointer("/record/data/x")).collect();
    assert_eq!(records, [&json!(1), &json!(2)], "{messages:?}");
    assert_eq!(api.requests().len(), 4);
}

#[test]
fn a_token_that_was_just_fetched_and_is_refused_is_not_fetched_again() {
    let script = json!([
        {"request": {"path": "/things"}, "response": {"status": 401}},
        {"request": {"method": "POST", "path": "/token"}, "response": {"body": {"access_token": "T", "expires_in": 3600}}},
    ]);
    let api = Script::from_json(&script.to_string()).expect("a script").start();
    let handler = json!({"type": "DefaultErrorHandler", "max_retries": 3,
        "response_filters": [{"type": "HttpResponseFilter", "action": "REFRESH_TOKEN_THEN_RETRY", "http_codes": [401]}],
        "backoff_strategies": [{"type": "ConstantBackoffStrategy", "backoff_time_in_seconds": 0}]});
    let auth = json!({"streams": [{"retriever": {"requester": {"authenticator": {
        "type": "OAuthAuthenticator", "token_refresh_endpoint": format!("{}/token", api.url()),
        "client_id": "i", "client_secret": "s", "refresh_token": "r",
    }}}}]});
    let messages = run("read", &api, &manifest(&api, &handler, &auth));
    let error = messages.iter().find_map(|message| message.pointer("/trace/error")).expect("an error");
    assert_eq!(error["message"], "Refreshed OAuth access token is rejected by the API.");
    assert_eq!(error["failure_type"], "config_error");
    let asked: Vec<String> = api.requests().iter().map(|request| request.path.clone()).collect();
    assert_eq!(asked, ["/token", "/things", "/token", "/things"]);
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

/// A page of a busy feed may hold nothing but what was written since the read began.
#[test]
fn a_feed_goes_on_behind_a_page_that_is_newer_than_the_range() {
    let page = |days: [&str; 2]| json!({"body": days.map(|day| json!({"updated": day}))});
    let script = json!([
        {"request": {"path": "/things"}, "response": page(["2024-02-20", "2024-02-10"])},
        {"request": {"path": "/things?page=1"}, "response": page(["2024-01-30", "2024-01-28"])},
        {"request": {"path": "/things?page=2"}, "response": page(["2024-01-05", "2023-12-30"])},
    ]);
    let api = Script::from_json(&script.to_string()).expect("a script").start();
    let more = json!({"streams": [{
        "incremental_sync": {
            "type": "DatetimeBasedCursor",
            "cursor_field": "updated",
            "datetime_format": "%Y-%m-%d",
            "start_datetime": "2024-01-01",
            "end_datetime": "2024-01-31",
            "is_data_feed": true,
        },
        "retriever": {"paginator": {
            "type": "DefaultPaginator",
            "page_token_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "page"},
            "pagination_strategy": {"type": "PageIncrement", "page_size": 2},
        }},
    }]});
    let messages = run("read", &api, &manifest(&api, &json!({"type": "DefaultErrorHandler"}), &more));
    let read: Vec<&str> =
        messages.iter().filter_map(|message| message.pointer("/record/data/updated")?.as_str()).collect();
    assert_eq!(read, ["2024-01-30", "2024-01-28", "2024-01-05"]);
    assert_eq!(api.requests().len(), 3);
}

/// The kinds of the errors: `null` where there is none.
fn kinds(messages: &[Value]) -> Vec<Value> {
    let errors = messages.iter().filter_map(|message| message.pointer("/trace/error"));
    errors.map(|error| error.get("failure_type").cloned().unwrap_or_default()).collect()
}

fn last_state(messages: &[Value]) -> Option<&Value> {
    messages.iter().filter_map(|message| message.pointer("/state/stream/stream_state")).next_back()
}

#[test]
fn a_state_keeps_what_else_it_holds_and_is_refused_where_a_value_lacks() {
    let script = json!([{"request": {"path": "/things"}, "response": {"body": [{"at": "2024-01-09"}]}}]).to_string();
    let api = Script::from_json(&script).expect("a script").start();
    let cursor = json!({"streams": [{"incremental_sync": {
        "type": "DatetimeBasedCursor",
        "cursor_field": "at",
        "datetime_format": "%Y-%m-%d",
        "start_datetime": "2024-01-01",
        "end_datetime": "2024-02-01",
    }}]});
    let manifest = manifest(&api, &serde_json::from_str(NO_RETRY).expect("JSON"), &cursor);
    let read = |state| run_in(&Folder::new(), "read", &api, &manifest, &catalog(&["things"]), Some(state));
    let kept = read(json!({"at": "2024-01-05", "other": 1}));
    assert_eq!(last_state(&kept), Some(&json!({"at": "2024-01-09", "other": 1})));
    for refused in [json!({"at": null}), json!({"at": "no date"})] {
        let messages = read(refused.clone());
        assert_eq!(sequence(&messages), ["ERROR"], "{refused}");
        assert_eq!(kinds(&messages), [json!("system_error")], "{refused}");
    }
}

#[test]
fn whole_numbers_beyond_64_bits_are_the_nearest_with_a_fraction_whether_or_not_the_record_is_changed() {
    let body = r#"[{"request": {"path": "/things"}, "response": {"body": [{"id": 12345678901234567890123, "max": 18446744073709551615}]}}]"#;
    let api = Script::from_json(body).expect("a script").start();
    let handler = serde_json::from_str(NO_RETRY).expect("JSON");
    let changed = json!({"streams": [{"transformations": [
        {"type": "AddFields", "fields": [{"type": "AddedFieldDefinition", "path": ["x"], "value": "y"}]},
    ]}]});
    for more in [json!({}), changed] {
        let messages = run("read", &api, &manifest(&api, &handler, &more));
        let record = messages.iter().find_map(|message| message.pointer("/record/data")).expect("a record");
        assert_eq!(record["id"], json!(1.234_567_890_123_456_8e22), "{more}");
        assert_eq!(record["max"], json!(u64::MAX), "{more}");
    }
}

#[test]
fn a_stream_that_the_catalog_lists_twice_is_read_twice() {
    let script = json!([{"request": {"path": "/things"}, "response": {"body": [{"id": 1}]}}]).to_string();
    let api = Script::from_json(&script).expect("a script").start();
    let manifest = manifest(&api, &serde_json::from_str(NO_RETRY).expect("JSON"), &json!({}));
    let messages = run_in(&Folder::new(), "read", &api, &manifest, &catalog(&["things", "things"]), None);
    assert_eq!(sequence(&messages).iter().filter(|word| *word == "RECORD").count(), 2);
    assert_eq!(api.requests().len(), 2);
    assert_eq!(kinds(&messages), Vec::<Value>::new());
}

#[test]
fn what_no_source_can_be_made_of_is_an_error_of_no_kind() {
    let api = Script::new().start();
    let handler = serde_json::from_str(NO_RETRY).expect("JSON");
    for level in [
        json!({"default_concurrency": 0}),
        json!({"default_concurrency": "{{ config['n'] }}"}),
        json!({"default_concurrency": "{{ config['n'] }}", "max_concurrency": 4}),
        json!({"default_concurrency": "some"}),
    ] {
        let manifest = manifest(&api, &handler, &json!({"concurrency_level": level}));
        for command in ["check", "discover", "read"] {
            let messages = run(command, &api, &manifest);
            assert_eq!(sequence(&messages), ["ERROR"], "{command}: {level}");
            assert_eq!(kinds(&messages), [Value::Null], "{command}: {level}");
        }
    }
}

#[test]
fn a_migrated_configuration_is_written_back_with_the_manifest_and_told_without() {
    let script = json!([{"request": {"path": "/things"}, "response": {"body": [{"id": 1}]}}]).to_string();
    let api = Script::from_json(&script).expect("a script").start();
    let spec = json!({"spec": {
        // What the rules change is what the specification is about.
        "connection_specification": {"type": "object", "required": ["new", "late"]},
        "config_normalization_rules": {
            "type": "ConfigNormalizationRules",
            "config_migrations": [{"type": "ConfigMigration", "transformations": [{
                "type": "ConfigAddFields",
                "fields": [{"type": "AddedFieldDefinition", "path": ["new"], "value": "{{ config['old'] }}"}],
            }]}],
            "transformations": [{
                "type": "ConfigAddFields",
                "fields": [{"type": "AddedFieldDefinition", "path": ["late"], "value": "yes"}],
            }],
        },
    }});
    let manifest = manifest(&api, &serde_json::from_str(NO_RETRY).expect("JSON"), &spec);
    let files = Folder::new();
    let config = files.file("config.json", json!({"old": "it", "nothing": null}));
    let messages = run_in(&files, "check", &api, &manifest, &Value::Null, None);
    assert_eq!(sequence(&messages), ["CONTROL", "CONNECTION_STATUS"]);
    let status = messages.iter().find_map(|message| message.pointer("/connectionStatus/status")).expect("a status");
    assert_eq!(status, "SUCCEEDED");
    let told = messages.iter().find_map(|message| message.pointer("/control/connectorConfig/config"));
    assert_eq!(told, Some(&json!({"old": "it", "new": "it"})));
    let written: Value = serde_json::from_str(&std::fs::read_to_string(config).expect("a file")).expect("JSON");
    let expected = json!({"old": "it", "nothing": null, "new": "it", "__injected_declarative_manifest": manifest});
    assert_eq!(written, expected);
    // Nothing is left to migrate.
    let messages = run_in(&files, "check", &api, &manifest, &Value::Null, None);
    assert_eq!(sequence(&messages), ["CONNECTION_STATUS"]);
}

/// No specification knows what stands under the keys of an older version.
#[test]
fn a_migration_that_fails_tells_no_value_under_whatever_key() {
    let api = Script::new().start();
    let spec = json!({"spec": {"config_normalization_rules": {
        "type": "ConfigNormalizationRules",
        "config_migrations": [{"type": "ConfigMigration", "transformations": [{
            "type": "ConfigAddFields",
            "fields": [{
                "type": "AddedFieldDefinition", "path": ["new"], "value": "{{ format_datetime(config['old'], '%Y') }}",
            }],
        }]}],
    }}});
    let manifest = manifest(&api, &serde_json::from_str(NO_RETRY).expect("JSON"), &spec);
    let files = Folder::new();
    files.file("config.json", json!({"old": "the-older-secret"}));
    let messages = run_in(&files, "check", &api, &manifest, &Value::Null, None);
    let said = messages.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    assert!(said.contains("****") && !said.contains("the-older-secret"), "{said}");
}
