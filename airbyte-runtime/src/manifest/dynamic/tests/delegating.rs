use airbyte_manifest::model::{StateDelegatingStream, StreamDefinition};
use serde_json::{Value, json};

use super::super::choose;
use super::{environment, source, stream, with};
use crate::time::{DateFormat, Moment};

fn delegating(changes: Value) -> StateDelegatingStream {
    let cursor = json!({
        "type": "DatetimeBasedCursor",
        "cursor_field": "u",
        "datetime_format": "%Y-%m-%d",
        "start_datetime": "2024-01-01",
    });
    let mut definition = json!({
        "type": "StateDelegatingStream",
        "name": "s",
        "full_refresh_stream": stream("s"),
        "incremental_stream": with(stream("s"), "incremental_sync", cursor),
        "api_retention_period": "P30D",
    });
    for (path, value) in changes.as_object().unwrap() {
        let (holder, key) = path.rsplit_once('/').unwrap();
        let holder = definition.pointer_mut(holder).unwrap().as_object_mut().unwrap();
        holder.insert(key.to_owned(), value.clone());
    }
    match source(json!({"streams": [definition]})).streams.pop() {
        Some(StreamDefinition::StateDelegatingStream(stream)) => *stream,
        other => panic!("{other:#?}"),
    }
}

fn now() -> Moment {
    DateFormat::new("%Y-%m-%d").unwrap().parse("2024-02-15").unwrap()
}

#[test]
fn the_state_chooses() {
    let partitioned = json!({"/incremental_stream/retriever/partition_router": {
        "type": "ListPartitionRouter",
        "cursor_field": "p",
        "values": ["a"],
    }});
    let full_cursor = json!({"/full_refresh_stream/incremental_sync": {
        "type": "DatetimeBasedCursor",
        "cursor_field": "v",
        "datetime_format": "%s",
        "start_datetime": "0",
    }});
    let slices = |end: &str| json!({"state_type": "date-range", "slices": [{"start": "2024-01-01", "end": end}]});
    // Whether the stream that goes on is read, and whether the state is cleared.
    let cases = [
        (json!({}), Value::Null, (false, false)),
        (json!({}), json!({}), (false, false)),
        (json!({}), json!({"u": "2024-02-10"}), (true, false)),
        (json!({}), json!({"u": "2024-01-16"}), (true, false)),
        (json!({}), json!({"u": "2024-01-15"}), (false, true)),
        (json!({}), json!({"u": "garbage"}), (false, true)),
        (json!({}), json!({"other": "2024-02-10"}), (false, true)),
        (json!({}), json!({"__ab_no_cursor_state_message": true}), (true, false)),
        (json!({}), slices("2024-02-10"), (true, false)),
        (json!({}), slices("2024-01-02"), (false, true)),
        (partitioned.clone(), json!({"u": "2024-02-10"}), (false, true)),
        (partitioned, json!({"state": {"u": "2024-02-10"}}), (true, false)),
        (full_cursor.clone(), json!({"v": "1707955200"}), (true, false)),
        (full_cursor.clone(), json!({"v": "1", "u": "2024-02-10"}), (false, true)),
        (full_cursor, json!({"__ab_no_cursor_state_message": true}), (false, true)),
        (json!({"/api_retention_period": "{{ config['none'] }}"}), json!({"u": "2000-01-01"}), (true, false)),
    ];
    let environment = environment(&json!({"none": ""}));
    for (changes, state, (incremental, cleared)) in cases {
        let definition = delegating(changes);
        let chosen = choose(&definition, Some(&state), Some(now()), &environment).unwrap();
        let found = std::ptr::eq(chosen.stream, &definition.incremental_stream);
        assert_eq!((found, chosen.clear_state), (incremental, cleared), "{state}");
    }
    let definition = delegating(json!({}));
    let chosen = choose(&definition, Some(&json!({"u": "2000-01-01"})), None, &environment).unwrap();
    assert!(std::ptr::eq(chosen.stream, &definition.incremental_stream), "the age of a parent does not count");
    let chosen = choose(&definition, None, None, &environment).unwrap();
    assert!(std::ptr::eq(chosen.stream, &definition.full_refresh_stream));
}

#[test]
fn choices_that_cannot_be_made() {
    let count = json!({"type": "IncrementingCountCursor", "cursor_field": "n"});
    let cases = [
        (json!({"/incremental_stream/name": "t"}), "must have equal names"),
        (json!({"/incremental_stream/incremental_sync": count}), "IncrementingCountCursor"),
        (json!({"/api_retention_period": "30 days"}), "`30 days`"),
    ];
    for (changes, expected) in cases {
        let error = choose(&delegating(changes), None, Some(now()), &environment(&json!({}))).unwrap_err();
        assert!(error.message().contains(expected), "{error}");
    }
}
