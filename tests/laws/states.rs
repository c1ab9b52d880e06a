//! What a state covers was written before it, and a stop after any state loses nothing.

use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::define::Source;
use jiff::SignedDuration;

use super::api::{Api, Row, mix_text, row, rows};
use super::covers::covers;
use super::reading::{Reading, Said, read, read_until, state_of};
use super::sources::{STREAMS, behind_each_paginator, page};

fn lookback(stream: &str) -> SignedDuration {
    SignedDuration::from_hours(if stream == "late" { 5 * 24 } else { 0 })
}

/// Every row that a state of the stream covers is among the records before that state.
fn require_honest_states(stream: &str, reading: &Reading, rows: &[Row]) {
    let mut seen = Vec::new();
    for said in &reading.said {
        match said {
            Said::Record { stream: of, data, .. } if of == stream => seen.extend(data["id"].as_u64()),
            Said::State { stream: of, blob, .. } if of == stream => {
                for row in rows.iter().filter(|row| covers(blob, row, SignedDuration::ZERO)) {
                    assert!(
                        seen.contains(&row.id),
                        "{stream}: the state {blob} covers row {} before it was written",
                        row.id
                    );
                }
            }
            _ => {}
        }
    }
}

/// No row twice, whatever the windows and pages.
fn require_single(stream: &str, reading: &Reading) {
    let ids = reading.ids(stream);
    assert!(ids.is_sorted_by(|a, b| a < b), "{stream}: repeats within one read: {ids:?}");
}

fn every_id(rows: &[Row]) -> Vec<u64> {
    rows.iter().map(|row| row.id).collect()
}

/// Up to so many milliseconds of delay, different for each request, so that windows and partitions end in any order.
fn late_api(seed: u64, milliseconds: u64) -> Api {
    Api::with(rows(), move |request, answer| {
        answer.delay(Duration::from_millis(mix_text(seed, &request.to_string()) % milliseconds))
    })
}

fn a_state_covers_only_what_was_written<S: Source>(style: &str) {
    let rows = rows();
    for seed in 0..3 {
        let api = late_api(seed, 12);
        let reading = read(&Connector::<S>::new(api.config(style, 10)), &STREAMS);
        for stream in STREAMS {
            require_honest_states(stream, &reading, &rows);
            require_single(stream, &reading);
            assert_eq!(reading.ids(stream), every_id(&rows), "{style} {stream}");
            assert_eq!(reading.statuses(stream).last(), Some(&"COMPLETE"));
        }
    }
}

#[test]
fn a_state_comes_after_every_record_that_it_covers() {
    behind_each_paginator!(a_state_covers_only_what_was_written);
}

/// Stops the read of one stream after each of its states in turn, goes on from there, and compares with the truth.
fn stop_anywhere<S: Source>(style: &str) {
    let rows = rows();
    let api = late_api(7, 4);
    let connector = Connector::<S>::new(api.config(style, 4));
    for stream in STREAMS {
        let states = read(&connector, &[stream]).states().count();
        for stop in 1..=states {
            let first = read_until(&connector, &[stream], stop);
            resume(&connector, stream, &first, &rows);
        }
    }
}

fn resume<S: Source>(connector: &Connector<S>, stream: &str, first: &Reading, rows: &[Row]) {
    let Some(state) = first.last_state(stream) else { return };
    let second = read(&connector.clone().with_state(state_of(stream, state)), &[stream]);
    let mut ids = [first.ids(stream), second.ids(stream)].concat();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids, every_id(rows), "{stream}: stopped at {state}");
    require_single(stream, &second);
    for again in second.ids(stream) {
        let row = rows.iter().find(|row| row.id == again).expect("a known row");
        assert!(
            !covers(state, row, lookback(stream)),
            "{stream}: row {again} is read again although {state} covers it"
        );
    }
    require_honest_states_after(stream, first, &second, rows);
}

/// The states of a resumed read may also cover what the first read wrote.
fn require_honest_states_after(stream: &str, first: &Reading, second: &Reading, rows: &[Row]) {
    let said = [first.said.clone(), second.said.clone()].concat();
    require_honest_states(stream, &Reading { said, error: None }, rows);
}

#[test]
fn a_stop_after_any_state_loses_nothing_behind_page_numbers() {
    stop_anywhere::<super::sources::page::Rows>("page");
}

#[test]
fn a_stop_after_any_state_loses_nothing_behind_offsets() {
    stop_anywhere::<super::sources::offset::Rows>("offset");
}

#[test]
fn a_stop_after_any_state_loses_nothing_behind_tokens() {
    stop_anywhere::<super::sources::token::Rows>("token");
}

#[test]
fn a_stop_after_any_state_loses_nothing_behind_link_headers() {
    stop_anywhere::<super::sources::link::Rows>("link");
}

#[test]
fn a_stop_after_any_state_loses_nothing_behind_links_in_the_body() {
    stop_anywhere::<super::sources::url::Rows>("url");
}

/// All streams at once, stopped after any state of any of them.
#[test]
fn a_stop_in_the_middle_of_all_streams_loses_nothing() {
    let rows = rows();
    let api = late_api(11, 10);
    let connector = Connector::<page::Rows>::new(api.config("page", 6));
    let states = read(&connector, &STREAMS).states().count();
    for stop in 1..=states {
        let first = read_until(&connector, &STREAMS, stop);
        let second = read(&connector.clone().with_state(first.state_file()), &STREAMS);
        for stream in STREAMS {
            let mut ids = [first.ids(stream), second.ids(stream)].concat();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids, every_id(&rows), "{stream}: stopped after state {stop} at {:?}", first.last_state(stream));
        }
    }
}

/// A sync that goes on from a final state reads what is new, and no more than what stands on the state's own value.
#[test]
fn a_second_sync_reads_only_what_is_new() {
    const DAY: i64 = 86_400;
    let before = rows();
    let connector = |api: &Api| Connector::<page::Rows>::new(api.config("page", 10));
    let first = read(&connector(&Api::of(before.clone())), &STREAMS);
    // One row is new, one appeared four days late.
    let newest = 1_704_067_200 + 59 * DAY;
    let after = [before.clone(), vec![row(40, "us", 2, newest + 60), row(41, "eu", 3, newest - 4 * DAY)]].concat();
    let api = Api::of(after.clone());
    for stream in STREAMS.into_iter().filter(|stream| *stream != "plain") {
        let state = first.last_state(stream).expect("a state");
        let second = read(&connector(&api).with_state(state_of(stream, state)), &[stream]);
        let expected: Vec<u64> =
            after.iter().filter(|row| !covers(state, row, lookback(stream))).map(|row| row.id).collect();
        assert!(expected.contains(&40), "{stream}: {state}");
        assert_eq!(second.ids(stream), expected, "{stream}: {state}");
        require_single(stream, &second);
    }
}
