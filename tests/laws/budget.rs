//! A budget of calls holds for all streams together, at every concurrency, and loses no record.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::json;

use super::api::Api;
use super::barrier::{Barrier, Shared};
use super::reading::{Reading, read, read_enough};

/// An API that counts.
#[source(
    base_url    = "{config.base_url}",
    backoff     = constant("PT0.001S"),
    budget      = [
        requests(url_path_pattern = "^/status$") => unlimited,
        [
            requests(url_path_pattern = "^/search", method = "GET", params = { kind = "full" }, weight = 2),
            requests(url_path_pattern = "^/search", weight_from = config.weight),
        ] => fixed_window(
            call_limit = 1, call_limit_from = config.calls, period = "PT0.4S",
            ratelimit_remaining_header = "x-left", ratelimit_reset_header = "x-reset",
            status_codes_for_ratelimit_hit = [420],
        ),
        requests(headers = { "X-Plan" = "{config.plan}" }, url_base = "{config.base_url}")
            => moving_window(rates = [rate(3, "PT0.3S"), rate(1000, "PT1H")]),
    ],
    error_handler = [status(420) => rate_limited],
    streams     = [First, Second, Status, Full, Search],
    concurrency = config.concurrency,
)]
struct Counted {
    /// Where the API is.
    base_url: String,
    /// The plan.
    plan: String,
    /// Calls in a window.
    calls: Option<u32>,
    /// What a search costs.
    weight: Option<u32>,
    /// Requests in flight.
    concurrency: u32,
}

/// Six pages that may be asked for at the same time.
#[stream(
    source = Counted, path = "/first/{partition.part}", headers = { "X-Plan" = config.plan }, primary_key = id,
    partition = list(part = [1, 2, 3, 4, 5, 6]),
)]
struct First {
    id: u64,
}

/// The same from another stream.
#[stream(
    source = Counted, path = "/second/{partition.part}", headers = { "X-Plan" = config.plan }, primary_key = id,
    partition = list(part = [1, 2, 3, 4, 5, 6]),
)]
struct Second {
    id: u64,
}

/// What costs nothing.
#[stream(source = Counted, path = "/status", primary_key = id)]
struct Status {
    id: u64,
}

/// What costs two calls.
#[stream(
    source = Counted, path = "/search/{partition.part}", query = { kind = "full" }, primary_key = id,
    partition = list(part = [1, 2, 3]),
)]
struct Full {
    id: u64,
}

/// What costs what the user says.
#[stream(
    source = Counted, path = "/search/{partition.part}", query = { kind = "quick" }, primary_key = id,
    partition = list(part = [1, 2, 3]),
)]
struct Search {
    id: u64,
}

/// An API that numbers its answers.
fn counting(change: impl Fn(usize, Response) -> Response + Send + Sync + 'static) -> Api {
    let count = AtomicUsize::new(0);
    Api::answering(move |request: &Request| {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        change(number, Response::json(200, &json!([{"id": request.path.len()}])))
    })
}

fn connector(api: &Api, calls: u32, weight: u32) -> Connector<Counted> {
    connector_with(api, calls, weight, 10)
}

fn connector_with(api: &Api, calls: u32, weight: u32, concurrency: u32) -> Connector<Counted> {
    Connector::new(json!({
        "base_url": api.url(), "plan": "free", "calls": calls, "weight": weight, "concurrency": concurrency,
    }))
}

#[test]
fn a_moving_window_holds_for_all_streams_together() {
    let api = counting(|_, answer| answer);
    let began = Instant::now();
    let reading = read(&connector(&api, 9, 1), &["first", "second"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!((reading.ids("first").len(), reading.ids("second").len()), (6, 6));
    // Twelve calls, three in each 0.3 seconds.
    assert!(began.elapsed() >= Duration::from_millis(880), "{:?}", began.elapsed());
}

/// Three calls are free, and then none for a long time.
#[source(
    base_url    = "{config.base_url}",
    budget      = [
        requests(url_path_pattern = "^/free$") => unlimited,
        requests => moving_window(rates = [rate(3, "PT10M")]),
    ],
    streams     = [Rationed, Free],
    concurrency = 10,
)]
struct Rations {
    /// Where the API is.
    base_url: String,
}

stream!(Rationed of Rations, "rationed", "/rationed/{partition.part}", partition = list(part = [1, 2, 3, 4, 5, 6]));
stream!(Free of Rations, "free", "/free",);

#[test]
fn what_is_not_counted_waits_for_nothing() {
    let shared = Arc::new(Shared::<(usize, bool)>::default());
    let log = Arc::clone(&shared);
    let api = Barrier::start(move |target| {
        if target == "/free" {
            // All that may be called for now.
            let are_called = log.wait_until(|(calls, _)| *calls == 3);
            log.with(|(_, is_free)| *is_free = are_called);
        } else {
            log.with(|(calls, _)| *calls += 1);
        }
        (200, json!([{"id": 1}]).to_string())
    });
    let is_enough = |reading: &Reading| reading.statuses("free").last() == Some(&"COMPLETE");
    let connector = Connector::<Rations>::new(json!({"base_url": api.url()}));
    let reading = read_enough(&connector, &["rationed", "free"], is_enough);
    assert!(is_enough(&reading), "{:?}", reading.statuses("free"));
    assert_eq!(shared.with(|log| *log), (3, true), "three calls are counted, and one is not");
}

#[test]
fn weights_count_and_limits_come_from_the_configuration() {
    // Three full searches cost two calls each, of which four are free at once; so the third waits.
    for (calls, weight, stream, pauses) in
        [(4, 1, "full", 1), (6, 1, "full", 0), (4, 4, "search", 2), (4, 1, "search", 0)]
    {
        let api = counting(|_, answer| answer);
        let began = Instant::now();
        let reading = read(&connector(&api, calls, weight), &[stream]);
        assert!(reading.error.is_none(), "{:?}", reading.error);
        assert_eq!(reading.ids(stream).len(), 3);
        assert!(began.elapsed() >= pauses * Duration::from_millis(390), "{calls} {weight} {stream}");
    }
}

#[test]
fn the_apis_own_count_is_believed() {
    // The second answer says that nothing is left for a while, and the budget knows before the API refuses.
    let api = counting(|number, answer| match number {
        2 => answer.header("x-left", "0").header("x-reset", "1"),
        _ => answer,
    });
    let began = Instant::now();
    // One after the other: the second answer is heard before the third call.
    let reading = read(&connector_with(&api, 100, 50, 1), &["search"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("search").len(), 3);
    assert!(began.elapsed() >= Duration::from_millis(950), "{:?}", began.elapsed());
}

#[test]
fn a_refusal_uses_up_what_is_left() {
    let api = counting(|number, answer| if number == 1 { Response::new(420) } else { answer });
    let began = Instant::now();
    let reading = read(&connector(&api, 10, 1), &["search"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.ids("search").len(), 3);
    // Ten calls would fit, but the one that was refused waits for the next window.
    assert_eq!(api.requests().len(), 4);
    assert!(began.elapsed() >= Duration::from_millis(390), "{:?}", began.elapsed());
}

#[test]
fn a_request_that_weighs_more_than_there_is_fails_with_a_reason() {
    let api = counting(|_, answer| answer);
    let reading = read(&connector(&api, 3, 5), &["search", "status"]);
    assert_eq!(reading.statuses("status").last(), Some(&"COMPLETE"));
    let failures = reading.failures("search");
    assert!(failures[0].1.contains("counts for 5 calls, but the budget is 3 calls in 0.4 s"), "{failures:?}");
}

#[test]
fn a_limit_of_the_configuration_must_be_a_number_of_calls() {
    let api = counting(|_, answer| answer);
    let reading = read_failing(&connector(&api, 0, 1));
    assert!(reading.contains("`config.calls` must be a whole number of at least 1, found 0"), "{reading}");
}

fn read_failing(connector: &Connector<Counted>) -> String {
    let reading = super::reading::read_until(connector, &["search"], usize::MAX);
    reading.error.map(|error| error.message().to_owned()).unwrap_or_default()
}

/// Searches cost five calls, and everything else one. Nobody waits for the next window.
#[source(
    base_url    = "{config.base_url}",
    budget      = [
        [requests(url_path_pattern = "^/search", weight = 5), requests] => fixed_window(call_limit = 7, period = "PT3H"),
    ],
    streams     = [Found, Listed],
    concurrency = 10,
)]
struct Weighed {
    /// Where the API is.
    base_url: String,
}

#[stream(source = Weighed, path = "/search/{partition.part}", primary_key = id, partition = list(part = [1, 2]))]
struct Found {
    id: u64,
}

#[stream(source = Weighed, path = "/listed/{partition.part}", primary_key = id, partition = list(part = [1, 2, 3]))]
struct Listed {
    id: u64,
}

/// Requests that are not described stand beside those that are, and leave them their weight.
#[test]
fn requests_keep_their_weight_where_all_others_count_too() {
    // How many of each have reached the API, and what stopped the others.
    let sent = |streams: &[&str]| {
        let api = counting(|_, answer| answer);
        let reading = read(&Connector::<Weighed>::new(json!({"base_url": api.url()})), streams);
        let failures = ["found", "listed"].iter().flat_map(|stream| reading.failures(stream));
        let failures: Vec<String> = failures.map(|(_, message, _)| message.to_owned()).collect();
        let searches = api.requests().iter().filter(|request| request.path.starts_with("/search")).count();
        (searches, api.requests().len() - searches, failures)
    };
    let (searches, _, failures) = sent(&["found"]);
    assert_eq!(searches, 1, "two are ten calls");
    assert!(failures[0].contains("the budget of 7 calls in 10800 s is used up"), "{failures:?}");
    let (_, others, failures) = sent(&["listed"]);
    assert_eq!((others, failures), (3, vec![]), "three are three calls");
    let (searches, others, failures) = sent(&["found", "listed"]);
    let calls = 5 * searches + others;
    assert!((3..=7).contains(&calls), "{searches} searches and {others} others are {calls} calls");
    assert!(!failures.is_empty(), "all together are thirteen calls");
}
