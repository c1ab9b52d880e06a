//! Records on the edges: of windows, of pages, of what a status means.

use std::sync::atomic::{AtomicUsize, Ordering};

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::Response;
use serde_json::{Value, json};

use super::api::Api;
use super::reading::read;

/// Streams whose API does odd things.
#[source(
    base_url    = "{config.base_url}",
    backoff     = constant("PT0.001S"),
    max_retries = 1,
    streams     = [Fine, Late, Ignorant, Unmodified, Panicking, Beside],
)]
struct Edges {
    /// Where the API is.
    base_url: String,
}

/// Windows of a day over an API without a filter.
#[stream(source = Edges, path = "/fine", cursor = datetime(updated_at, start = "2024-01-01", end = "2024-01-04", step = "P1D", start_param = "since", end_param = "until", client_side = true))]
struct Fine {
    id: u64,
    updated_at: Timestamp,
}

/// No end in the request.
#[stream(source = Edges, path = "/late", cursor = datetime(updated_at, start = "2024-01-01", start_param = "since"))]
struct Late {
    id: u64,
    updated_at: Timestamp,
}

/// The API does not know the parameter.
#[stream(source = Edges, path = "/same", paginator = page_increment(page_param = "pg"))]
struct Ignorant {
    id: u64,
}

#[stream(source = Edges, path = "/unmodified")]
struct Unmodified {
    id: u64,
}

#[stream(source = Edges, path = "/same", filter = panics)]
struct Panicking {
    id: u64,
}

fn panics(record: &Panicking) -> bool {
    assert!(record.id == 0, "a defect of the connector");
    true
}

#[stream(source = Edges, path = "/same")]
struct Beside {
    id: u64,
}

fn edges(answer: impl Fn(&str) -> Response + Send + Sync + 'static) -> (Api, Connector<Edges>) {
    let api = Api::answering(move |request| answer(&request.path));
    let connector = Connector::new(json!({"base_url": api.url()}));
    (api, connector)
}

fn rows(rows: &[(u64, &str)]) -> Response {
    let rows: Vec<Value> = rows.iter().map(|(id, at)| json!({"id": id, "updated_at": at})).collect();
    Response::json(200, &Value::Array(rows))
}

/// A window ends on a second; a record between that second and the next window belongs to one of them.
#[test]
fn a_fraction_of_a_second_is_not_lost_between_windows() {
    let records = [
        (1, "2024-01-01T23:59:59.500Z"),
        (2, "2024-01-02T00:00:00Z"),
        (3, "2024-01-02T23:59:59.999999Z"),
        (4, "2024-01-03T12:00:00Z"),
    ];
    let (_api, connector) = edges(move |_| rows(&records));
    let mut ids = read(&connector, &["fine"]).ids("fine");
    ids.dedup();
    assert_eq!(ids, [1, 2, 3, 4]);
}

/// What changes while it is read may have been on a page that was read before: the state stops at the read's beginning.
#[test]
fn a_value_of_the_future_does_not_move_the_state_past_what_was_read() {
    let (_api, connector) = edges(|_| rows(&[(1, "2024-01-05T00:00:00Z"), (2, "2099-01-01T00:00:00Z")]));
    let reading = read(&connector, &["late"]);
    assert_eq!(reading.ids("late"), [1, 2]);
    let state = reading.last_state("late").expect("a state")["updated_at"].as_str().map(str::to_owned);
    let state: Timestamp = state.expect("a value").parse().expect("an instant");
    assert!(state <= Timestamp::now(), "{state}");
}

#[test]
fn an_api_that_ignores_the_page_number_ends_with_a_reason() {
    let asked = AtomicUsize::new(0);
    let (_api, connector) = edges(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0..50 => rows(&[(1, "2024-01-05T00:00:00Z"), (2, "2024-01-05T00:00:00Z")]),
        _ => Response::new(410),
    });
    let reading = read(&connector, &["ignorant"]);
    let [(_, message, _)] = reading.failures("ignorant")[..] else { panic!("no failure") };
    assert!(message.contains("same pages again and again"), "{message}");
}

/// An answer that is no page is not an empty one.
#[test]
fn a_redirect_without_a_target_is_no_page() {
    for status in [300, 302, 304] {
        let (_api, connector) = edges(move |_| Response::new(status));
        let reading = read(&connector, &["unmodified"]);
        assert_eq!(reading.statuses("unmodified").last(), Some(&"INCOMPLETE"), "{status}");
    }
}

/// A panic in a connector's own function is the failure of its stream.
#[test]
fn a_panic_ends_its_stream_and_no_other() {
    let (_api, connector) = edges(|_| rows(&[(1, "2024-01-05T00:00:00Z")]));
    let reading = read(&connector, &["panicking", "beside"]);
    assert_eq!(reading.statuses("panicking"), ["STARTED", "INCOMPLETE"]);
    assert_eq!(reading.statuses("beside"), ["STARTED", "RUNNING", "COMPLETE"]);
    assert!(reading.error.is_some());
}

/// Tests always unwind, so that none of them would see it.
#[test]
fn a_release_unwinds_too() {
    let workspace = include_str!("../../Cargo.toml");
    assert!(!workspace.contains("panic ="), "with `abort` a panic of one stream ends them all");
}
