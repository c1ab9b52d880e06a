//! What a read says does not depend on how much of it happens at one time, nor on the order of answers.

use std::collections::BTreeMap;
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::define::Source;
use serde_json::{Value, json};

use super::api::{Api, mix_text, rows};
use super::family::{Atlas, atlas, config};
use super::reading::{Reading, read};
use super::sources::{STREAMS, behind_each_paginator};

/// The records of every stream, sorted, and its last state without clocks.
fn outcome(reading: &Reading) -> BTreeMap<&'static str, (Vec<String>, Value)> {
    let outcome = STREAMS.into_iter().map(|stream| {
        let mut records: Vec<String> = reading.records(stream).map(Value::to_string).collect();
        records.sort();
        (stream, (records, without_clock(reading.last_state(stream))))
    });
    outcome.collect()
}

fn without_clock(state: Option<&Value>) -> Value {
    let mut state = state.cloned().unwrap_or_default();
    if let Some(seconds) = state.get_mut("lookback_window") {
        *seconds = json!(0);
    }
    if let Some(partitions) = state.get_mut("states").and_then(Value::as_array_mut) {
        // Partitions stand in the order in which they became known.
        partitions.sort_by_key(|entry| entry["partition"].to_string());
    }
    state
}

fn same_at_any_concurrency<S: Source>(style: &str) {
    let mut outcomes = Vec::new();
    for (concurrency, seed) in [(1, 0), (32, 1), (32, 2), (3, 3)] {
        let api = Api::with(rows(), move |request, answer| {
            answer.delay(Duration::from_millis(mix_text(seed, &request.to_string()) % 5))
        });
        let mut streams = STREAMS;
        if seed == 2 {
            streams.reverse();
        }
        outcomes.push(outcome(&read(&Connector::<S>::new(api.config(style, concurrency)), &streams)));
    }
    let (first, others) = outcomes.split_first().expect("four reads");
    assert!(first.values().all(|(records, _)| records.len() == rows().len()));
    assert!(others.iter().all(|other| other == first), "{style}: {outcomes:#?}");
}

#[test]
fn records_and_final_states_do_not_depend_on_concurrency_or_order() {
    behind_each_paginator!(same_at_any_concurrency);
}

/// With one request at a time a read can be told in advance: the catalog's streams one after the other, and a child
/// when its parent has gone as far ahead as it may.
#[test]
fn one_request_at_a_time_goes_stream_by_stream() {
    let api = atlas();
    let reading = read(&Connector::<Atlas>::new(config(&api, 1)), &["second", "first", "city"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    let paths: Vec<String> = api.requests().iter().map(|request| request.path.clone()).collect();
    let blocks: Vec<&str> =
        paths.chunk_by(|a, b| a == b).filter_map(|block| block.first()).map(String::as_str).collect();
    assert_eq!(blocks[..4], ["/second", "/first", "/country", "/country/1/city"]);
}

/// The budget of requests is one for all streams together.
#[test]
fn requests_in_flight_stay_within_the_budget() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    // The server answers after the delay, so a request that arrives earlier than that after another overlaps it.
    let delay = Duration::from_millis(8);
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let most = Arc::new(AtomicUsize::new(0));
    let (shared, seen) = (Arc::clone(&arrivals), Arc::clone(&most));
    let api = Api::with(rows(), move |_, answer| {
        let mut arrivals = shared.lock().expect("no handler panics");
        let now = std::time::Instant::now();
        arrivals.push(now);
        let overlapping = arrivals.iter().filter(|then| now.duration_since(**then) < delay).count();
        seen.fetch_max(overlapping, Ordering::Relaxed);
        answer.delay(delay)
    });
    read(&Connector::<super::sources::page::Rows>::new(api.config("page", 3)), &STREAMS);
    let most = most.load(Ordering::Relaxed);
    assert!((1..=3).contains(&most), "{most} requests at one time");
}
