//! A record that is refused while the page before it waits for the destination: the stream is over, and not complete.

use std::time::Duration;

use serde_json::{Value, json};

use super::scenario::{carry_out_manifest, runtime};
use super::script::{self, Said};
use super::server::Asked;
use crate::config::Redactor;
use crate::output::{self, Queue, Writer};

/// Four partitions, all of them at a time. The second page of the first one is not what is declared.
fn answer(asked: &Asked) -> Said {
    match (asked.path.as_str(), asked.param("page")) {
        ("/rows/a", None) => Said::after(1, json!({"rows": [{"id": 1, "at": 100}], "next": "2"})),
        ("/rows/a", _) => Said::after(1, json!({"rows": [{"id": 2, "at": 200, "news": true}]})),
        ("/rows/b", _) => Said::after(10, json!({"rows": []})),
        _ => Said::after(100, json!({"rows": [{"id": 3, "at": 300}]})),
    }
}

fn manifest(tolerance: Option<&str>) -> Value {
    let mut stream = json!({
        "type": "DeclarativeStream",
        "name": "rows",
        "undeclared": "reject",
        "schema_loader": {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {
            "id": {"type": "integer"}, "at": {"type": "integer"},
        }}},
        "incremental_sync": {
            "type": "DatetimeBasedCursor", "cursor_field": "at", "datetime_format": "%s",
            "start_datetime": {"type": "MinMaxDatetime", "datetime": "0", "datetime_format": "%s"},
        },
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {"type": "HttpRequester", "url_base": "https://api.example/", "path": "rows/{{ stream_partition.part }}"},
            "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": ["rows"]}},
            "partition_router": {"type": "ListPartitionRouter", "cursor_field": "part", "values": ["a", "b", "c", "d"]},
            "paginator": {
                "type": "DefaultPaginator",
                "page_token_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "page"},
                "pagination_strategy": {"type": "CursorPagination", "cursor_value": "{{ response.get('next') }}"},
            },
        },
    });
    if let Some(tolerance) = tolerance {
        stream["failure_tolerance"] = json!(tolerance);
    }
    json!({
        "version": "7.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["rows"]},
        "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
        "concurrency_level": {"type": "ConcurrencyLevel", "default_concurrency": 4, "max_concurrency": 4},
        "streams": [stream],
    })
}

/// The messages of a read whose destination takes nothing for a minute.
fn read(manifest: &Value) -> Vec<Value> {
    let catalog = json!({"streams": [{
        "stream": {"name": "rows", "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
        "sync_mode": "incremental", "destination_sync_mode": "append",
    }]});
    runtime().block_on(async {
        script::enter(answer);
        let (output, queue) = output::queue(Redactor::default());
        let all_room = output.room_for(usize::MAX).await.expect("an open queue");
        let stall = async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(all_room);
        };
        let read = async {
            let (config, state, never) = (json!({}), json!([]), std::future::pending());
            let read = carry_out_manifest(manifest, &config, &catalog, &state, &output, never).await;
            output.finish();
            read.expect_err("the stream is not complete")
        };
        let ((), error, messages) = tokio::join!(stall, read, written(queue));
        super::leave();
        assert!(error.message().contains("`rows`"), "{error:?}");
        messages
    })
}

async fn written(mut queue: Queue) -> Vec<Value> {
    let mut writer = Writer::new(Vec::new());
    while let Some(item) = queue.0.recv().await {
        if !writer.take(item).expect("memory") {
            break;
        }
    }
    let lines = writer.into_inner().expect("memory");
    serde_json::Deserializer::from_slice(&lines).into_iter().map(|line| line.expect("a message")).collect()
}

#[test]
fn a_stream_with_a_refused_record_is_incomplete_whatever_ends_first() {
    for tolerance in [None, Some("50%")] {
        let messages = read(&manifest(tolerance));
        let pick = |path: &str| messages.iter().filter_map(|message| message.pointer(path)).next_back();
        assert_eq!(pick("/trace/stream_status/status"), Some(&json!("INCOMPLETE")), "{tolerance:?}: {messages:#?}");
        let errors: Vec<_> = messages.iter().filter_map(|message| message.pointer("/trace/error")).collect();
        assert_eq!(errors.len(), 1, "{tolerance:?}: {messages:#?}");
        let text = errors[0]["message"].as_str().unwrap_or_default();
        assert!(text.contains("the field `news` (boolean), which is not declared"), "{text}");
        let detail = errors[0]["internal_message"].as_str().unwrap_or_default();
        assert!(detail.contains(r#"partition {"part":"a"}"#), "{detail}");
        // Nothing is said of what was not read.
        let state = pick("/state/stream/stream_state").map(Value::to_string).unwrap_or_default();
        assert!(!state.contains("200") && !state.contains("300"), "{tolerance:?}: {state}");
    }
}
