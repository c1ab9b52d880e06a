//! States that other connectors wrote: each accepted form is gone on from where it says.

use airbyte_runtime::{Connector, ErrorKind};
use serde_json::{Value, json};

use super::api::{Api, rows};
use super::reading::{Reading, read, read_until, state_of};
use super::sources::page::Rows;

/// Reads a stream from a state file; also where each request of it begins.
fn read_from(stream: &str, state: Value) -> (Reading, Vec<String>) {
    let api = Api::of(rows());
    let connector = Connector::<Rows>::new(api.config("page", 1)).with_state(state);
    let reading = read(&connector, &[stream]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    let first_pages = api.requests().into_iter().filter(|request| request.query_param("page") == Some("1"));
    let begins = first_pages.map(|request| {
        let bound = |name| request.query_param(name).map(|text| text[..text.len().min(10)].to_owned());
        let place = request.path.trim_start_matches("/page/rows").trim_start_matches('/').to_owned();
        [Some(place), bound("since"), bound("until"), bound("since_id")]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    });
    let begins = begins.collect();
    (reading, begins)
}

fn begins(stream: &str, blob: Value) -> Vec<String> {
    read_from(stream, state_of(stream, &blob)).1
}

#[test]
fn a_single_value_is_where_the_stream_goes_on() {
    assert_eq!(begins("moving", json!({"updated_at": "2024-02-10T00:00:00Z"})), ["2024-02-10"]);
    // A date, another zone, and what a state says of other fields.
    assert_eq!(begins("moving", json!({"updated_at": "2024-02-10"})), ["2024-02-10"]);
    assert_eq!(begins("moving", json!({"updated_at": "2024-02-10T01:00:00+02:00", "more": 1})), ["2024-02-09"]);
    assert_eq!(begins("moving", json!({"updated_at": "2023-01-01T00:00:00Z"})), ["2024-01-01"]);
    assert_eq!(begins("numbered", json!({"id": 20})), ["20"]);
    assert_eq!(begins("numbered", json!({"id": "20"})), ["20"]);
}

/// A value in the future asks for nothing and is kept.
#[test]
fn a_state_in_the_future_is_kept() {
    let (reading, begins) = read_from("windowed", state_of("windowed", &json!({"updated_at": "2030-01-01T00:00:00Z"})));
    assert_eq!(begins, Vec::<String>::new());
    assert_eq!(reading.last_state("windowed"), Some(&json!({"updated_at": "2030-01-01T00:00:00Z"})));
    assert_eq!(reading.statuses("windowed"), ["STARTED", "COMPLETE"]);
}

#[test]
fn ranges_leave_their_gaps_to_be_read() {
    let state = json!({"state_type": "date-range", "legacy": {}, "slices": [
        {"start": "2024-01-01T00:00:00Z", "end": "2024-01-09T23:59:59Z", "most_recent_cursor_value": null},
        {"start": "2024-01-20T00:00:00Z", "end": "2024-02-20T00:00:00Z", "most_recent_cursor_value": "2024-02-19T00:00:00Z"},
    ]});
    let (reading, begins) = read_from("windowed", state_of("windowed", &state));
    assert_eq!(begins, ["2024-01-10 2024-01-19", "2024-02-20 2024-03-01"]);
    let newest = rows().iter().map(|row| row.updated_at).max().expect("rows");
    assert_eq!(reading.last_state("windowed"), Some(&json!({"updated_at": newest.to_string()})));
}

/// What a stream without a cursor left says nothing to a stream that has one.
#[test]
fn sentinels_are_no_values() {
    for sentinel in ["__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete"] {
        for stream in ["moving", "regional", "numbered", "tasks"] {
            let (reading, _) = read_from(stream, state_of(stream, &json!({sentinel: true})));
            assert_eq!(reading.ids(stream).len(), rows().len(), "{stream}");
            assert!(!reading.last_state(stream).expect("a state").to_string().contains(sentinel));
        }
    }
    let (reading, _) = read_from("plain", state_of("plain", &json!({"__ab_no_cursor_state_message": true})));
    assert_eq!(reading.ids("plain").len(), rows().len());
    assert_eq!(
        begins("moving", json!({"__ab_no_cursor_state_message": true, "updated_at": "2024-02-10T00:00:00Z"})),
        ["2024-02-10"]
    );
}

/// An older CDK says so of a full refresh that is done: within one job there is nothing more to read.
#[test]
fn a_finished_full_refresh_is_not_read_again() {
    let (reading, begins) = read_from("plain", state_of("plain", &json!({"__ab_full_refresh_sync_complete": true})));
    assert_eq!(begins, Vec::<String>::new());
    assert_eq!(reading.statuses("plain"), ["STARTED", "COMPLETE"]);
}

#[test]
fn partitions_go_on_each_from_its_own_value() {
    let state = json!({"use_global_cursor": false, "lookback_window": 0, "states": [
        {"partition": {"region": "us"}, "cursor": {"updated_at": "2024-02-01T00:00:00Z"}},
        {"partition": {"region": "ap"}, "cursor": {}},
    ]});
    assert_eq!(begins("regional", state), ["region/eu 2024-01-01", "region/us 2024-02-01", "region/ap 2024-01-01"]);
}

/// The identity of a child's partition: keys in any order, `parent_slice` included, `1` not the same as `"1"`.
#[test]
fn children_are_known_by_their_whole_partition() {
    let state = json!({"states": [
        {"partition": {"project": 2, "parent_slice": {}}, "cursor": {"updated_at": "2024-02-01T00:00:00Z"}},
        {"partition": {"parent_slice": {}, "project": 3}, "cursor": {"updated_at": "2024-02-02T00:00:00Z"}},
        {"partition": {"parent_slice": {}, "project": "4"}, "cursor": {"updated_at": "2024-02-03T00:00:00Z"}},
    ]});
    let mut begins = begins("tasks", state);
    begins.retain(|begin| begin.starts_with("project"));
    begins.sort();
    let expected = [
        "project/1 2024-01-01",
        "project/2 2024-02-01",
        "project/3 2024-02-02",
        "project/4 2024-01-01",
        "project/5 2024-01-01",
    ];
    assert_eq!(begins, expected);
}

/// Partitions that the state does not know start at the whole stream's value, less the time that its last run took:
/// a parent that appeared since then has nothing older. A value that was added to a list has.
#[test]
fn new_partitions_start_where_nothing_of_them_is_lost() {
    let state = json!({"use_global_cursor": false, "lookback_window": 86_400, "state": {"updated_at": "2024-02-11T00:00:00Z"}, "states": [
        {"partition": {"region": "us"}, "cursor": {"updated_at": "2024-02-01T00:00:00Z"}},
    ]});
    assert_eq!(begins("regional", state), ["region/eu 2024-01-01", "region/us 2024-02-01", "region/ap 2024-01-01"]);
    let state = json!({"use_global_cursor": false, "lookback_window": 86_400, "state": {"updated_at": "2024-02-11T00:00:00Z"}, "states": [
        {"partition": {"parent_slice": {}, "project": 3}, "cursor": {"updated_at": "2024-02-02T00:00:00Z"}},
    ]});
    let mut children = begins("tasks", state);
    children.retain(|begin| begin.starts_with("project"));
    children.sort();
    let unknown = |project| format!("project/{project} 2024-02-10");
    assert_eq!(children, [unknown(1), unknown(2), "project/3 2024-02-02".to_owned(), unknown(4), unknown(5)]);
    let global =
        json!({"use_global_cursor": true, "lookback_window": 0, "state": {"updated_at": "2024-02-11T00:00:00Z"}});
    let (reading, begins) = read_from("regional", state_of("regional", &global));
    assert_eq!(begins, ["region/eu 2024-02-11", "region/us 2024-02-11", "region/ap 2024-02-11"]);
    let state = reading.last_state("regional").expect("a state");
    assert_eq!((&state["use_global_cursor"], state.get("states")), (&json!(true), None), "{state}");
}

/// A stream that had no partitions when it wrote its state: it holds for each of them.
#[test]
fn a_single_value_holds_for_every_partition() {
    let (reading, begins) = read_from("regional", state_of("regional", &json!({"updated_at": "2024-02-11T00:00:00Z"})));
    assert_eq!(begins, ["region/eu 2024-02-11", "region/us 2024-02-11", "region/ap 2024-02-11"]);
    let state = reading.last_state("regional").expect("a state");
    assert_eq!(state["states"].as_array().map(Vec::len), Some(3));
    assert!(state["state"]["updated_at"].is_string() && state["lookback_window"].is_u64(), "{state}");
}

/// The envelopes around states: global, several, nulls, other streams.
#[test]
fn envelopes() {
    let moving = json!({"stream_descriptor": {"name": "moving", "namespace": null}, "stream_state": {"updated_at": "2024-02-10T00:00:00Z"}});
    let other = json!({"stream_descriptor": {"name": "other"}, "stream_state": {"c": "1"}});
    let cases = [
        (json!([{"type": "GLOBAL", "global": {"stream_states": [other, moving]}}]), "2024-02-10"),
        (
            json!([{"type": "STREAM", "stream": other}, {"type": "STREAM", "stream": moving, "global_": null, "id": 7}]),
            "2024-02-10",
        ),
        (json!([{"type": "STREAM", "stream": other}]), "2024-01-01"),
        (json!([{"type": "LEGACY", "data": {"moving": {"updated_at": "2024-02-10T00:00:00Z"}}}]), "2024-01-01"),
        (
            json!([{"type": "STREAM", "stream": {"stream_descriptor": {"name": "moving"}, "stream_state": null}}]),
            "2024-01-01",
        ),
        (json!([]), "2024-01-01"),
        (json!({}), "2024-01-01"),
        (json!(null), "2024-01-01"),
    ];
    for (state, begin) in cases {
        assert_eq!(read_from("moving", state.clone()).1, [begin], "{state}");
    }
}

/// Going on without a state that cannot be read would read everything again without a word.
#[test]
fn a_state_that_cannot_be_read_is_refused() {
    let api = Api::of(rows());
    for (stream, blob) in [
        ("moving", json!({"updated_at": "yesterday"})),
        ("numbered", json!({"id": "many"})),
        ("regional", json!({"states": [{"partition": {"region": "eu"}, "cursor": {"updated_at": "soon"}}]})),
        ("regional", json!({"state": {"updated_at": true}})),
        ("windowed", json!({"slices": [{"start": "a", "end": "b"}]})),
    ] {
        let connector = Connector::<Rows>::new(api.config("page", 1)).with_state(state_of(stream, &blob));
        let error = read_until(&connector, &[stream], usize::MAX).error.unwrap_or_else(|| panic!("{blob} is accepted"));
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.message().contains(&format!("`{stream}`")), "{error}");
    }
    assert!(api.requests().is_empty());
}
