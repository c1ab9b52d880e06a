//! Faults that pass by themselves lose no record and repeat none.

use std::collections::HashSet;
use std::sync::Mutex;

use airbyte_runtime::Connector;
use airbyte_runtime::define::Source;
use airbyte_runtime::testing::{Request, Response};
use serde_json::json;

use super::api::{Api, mix_text, rows};
use super::reading::read;
use super::sources::{STREAMS, behind_each_paginator};

/// What may befall the first answer to a request.
const FAULTS: u64 = 8;

fn fault(seed: u64, request: &Request, answer: Response) -> Response {
    let half = answer.content().len() / 2;
    match mix_text(seed, &request.to_string()) % FAULTS {
        0 => answer.reset(),
        1 => answer.truncated_at(half),
        2 => Response::json(500, &json!({"message": "oops"})),
        3 => Response::new(429).header("retry-after", "0"),
        4 => Response::new(503),
        // The body is cut, but its length says that this was all of it.
        5 => Response::new(200).body(answer.content().slice(..half)),
        6 => answer.truncated_at(0),
        _ => answer,
    }
}

fn the_first_answers_fail<S: Source>(style: &str) {
    let rows = rows();
    let ids: Vec<u64> = rows.iter().map(|row| row.id).collect();
    for seed in 0..4 {
        let seen = Mutex::new(HashSet::new());
        let api = Api::with(rows.clone(), move |request, answer| {
            let first = seen.lock().expect("no handler panics").insert(request.to_string());
            if first { fault(seed, request, answer) } else { answer }
        });
        let reading = read(&Connector::<S>::new(api.config(style, 4)), &STREAMS);
        assert!(reading.error.is_none(), "{style}: {:?}", reading.error);
        for stream in STREAMS {
            assert_eq!(reading.ids(stream), ids, "{style} {stream}");
        }
    }
}

#[test]
fn faults_that_pass_lose_no_record_and_repeat_none() {
    behind_each_paginator!(the_first_answers_fail);
}

/// A rate limit is shown to the user, and ends with the next record.
#[test]
fn a_rate_limit_is_shown_as_running_with_a_reason() {
    let limited = Mutex::new(0);
    let api = Api::with(rows(), move |request, answer| {
        let mut limited = limited.lock().expect("no handler panics");
        if request.query_param("page") == Some("3") && *limited < 2 {
            *limited += 1;
            return Response::new(429).header("retry-after", "0");
        }
        answer
    });
    let reading = read(&Connector::<super::sources::page::Rows>::new(api.config("page", 1)), &["plain"]);
    assert_eq!(reading.statuses("plain"), ["STARTED", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "COMPLETE"]);
    assert_eq!(reading.ids("plain").len(), rows().len());
}
