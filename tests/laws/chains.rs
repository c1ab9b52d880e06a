//! Syncs that are stopped again and again while the API goes on changing: at the end nothing is missing.

use airbyte_runtime::Connector;
use airbyte_runtime::define::Source;

use super::api::{Api, Row, mix, row};
use super::reading::{read, read_until, state_of};
use super::sources::{STREAMS, behind_each_paginator};

const ROUNDS: u64 = 6;
const DAY: i64 = 86_400;

/// What the API holds in a round: each adds rows that are newer than those before, and parents get their first rows late.
fn rows_of(round: u64) -> Vec<Row> {
    let begin = 1_704_067_200;
    let rows = (0..=round).flat_map(|round| {
        (0..5).map(move |number| {
            let id = round * 5 + number + 1;
            let region = ["eu", "us", "ap"][(mix(id) % 3) as usize];
            let after = i64::try_from(round).unwrap_or(0) * 8 * DAY + i64::try_from(mix(id) % 600_000).unwrap_or(0);
            row(id, region, mix(id) % (round + 1) % 5 + 1, begin + after)
        })
    });
    rows.collect()
}

fn stopped_again_and_again<S: Source>(style: &str) {
    for stream in STREAMS {
        for seed in 0..2 {
            let mut ids = Vec::new();
            let mut state = None;
            for round in 0..=ROUNDS {
                let api = Api::of(rows_of(round));
                let mut connector = Connector::<S>::new(api.config(style, 3));
                if let Some(blob) = &state {
                    connector = connector.with_state(state_of(stream, blob));
                }
                let reading = match round {
                    ROUNDS => read(&connector, &[stream]),
                    _ => read_until(&connector, &[stream], 1 + (mix(round * 31 + seed) % 4) as usize),
                };
                ids.extend(reading.ids(stream));
                state = reading.last_state(stream).cloned().or(state);
            }
            ids.sort_unstable();
            ids.dedup();
            let truth: Vec<u64> = rows_of(ROUNDS).iter().map(|row| row.id).collect();
            assert_eq!(ids, truth, "{style} {stream}: the last state is {state:?}");
        }
    }
}

#[test]
fn a_chain_of_stops_loses_nothing() {
    behind_each_paginator!(stopped_again_and_again);
}
