//! Streams of a group are not read at the same time, and a stream comes after those that it names.

use std::collections::BTreeMap;
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::json;

use super::api::Api;
use super::reading::{Reading, read};

/// Exports that block each other, and what is made of them.
#[source(
    base_url    = "{config.base_url}",
    max_retries = 0,
    streams     = [Late, First, Second, Part, Free, Below, Twin, Plain, Last],
    concurrency = config.concurrency,
)]
struct Exports {
    /// Where the API is.
    base_url: String,
    /// The most requests in flight at one time.
    concurrency: u32,
}

/// Read when two others are complete, although the catalog names it first.
#[stream(source = Exports, path = "/late", primary_key = id, after = [First, Free])]
struct Late {
    id: u64,
}

/// One export.
#[stream(
    source = Exports, path = "/first/{partition.n}", primary_key = id, group = "exports",
    partition = list(n = [1, 2, 3, 4]),
)]
struct First {
    id: u64,
}

/// Another export.
#[stream(
    source = Exports, path = "/second/{partition.n}", primary_key = id, group = "exports",
    partition = list(n = [1, 2, 3, 4]),
)]
struct Second {
    id: u64,
}

/// A child of an export.
#[stream(source = Exports, path = "/part/{parent.id}", primary_key = id, parent = First(id))]
struct Part {
    id: u64,
}

/// More records than may wait for a child.
#[stream(source = Exports, path = "/free", paginator = page_increment(page_size = 1), primary_key = id)]
struct Free {
    id: u64,
}

/// A child that belongs to a group, of a parent that does not.
#[stream(source = Exports, path = "/below/{parent.id}", primary_key = id, parent = Free(id), group = "exports")]
struct Below {
    id: u64,
}

/// Another child of the same parent, in the same group.
#[stream(source = Exports, path = "/twin/{parent.id}", primary_key = id, parent = Free(id), group = "exports")]
struct Twin {
    id: u64,
}

/// A child that waits for nobody but its parent.
#[stream(source = Exports, path = "/plain/{parent.id}", primary_key = id, parent = Free(id))]
struct Plain {
    id: u64,
}

/// Read at the very end.
#[stream(source = Exports, path = "/last", primary_key = id, after = Late)]
struct Last {
    id: u64,
}

const PAGES: u64 = 12;
const GROUP: [&str; 4] = ["first", "second", "below", "twin"];
const ALL: [&str; 8] = ["late", "first", "second", "part", "free", "below", "twin", "last"];

fn exports(failing: &'static str) -> Api {
    Api::answering(move |request: &Request| {
        let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        if segments[0] == failing {
            return Response::json(400, &json!({"message": "no export today"}));
        }
        let ids = match (segments[0], request.query_param("page")) {
            ("free", Some(page)) if page.parse::<u64>().is_ok_and(|page| page > PAGES) => json!([]),
            ("free", page) => json!([{"id": page.map_or(1, |page| page.parse::<u64>().expect("a number"))}]),
            (_, _) => json!([{"id": segments.last().and_then(|id| id.parse::<u64>().ok()).unwrap_or(0)}]),
        };
        Response::json(200, &ids).delay(Duration::from_millis(3))
    })
}

fn run(api: &Api, concurrency: u32, streams: &[&str]) -> Reading {
    let config = json!({"base_url": api.url(), "concurrency": concurrency});
    read(&Connector::<Exports>::new(config), streams)
}

/// The first and the last request of each kind, by their numbers.
fn spans(api: &Api) -> BTreeMap<String, (usize, usize)> {
    let mut spans = BTreeMap::new();
    for (number, request) in api.requests().iter().enumerate() {
        let kind = request.path.split('/').nth(1).unwrap_or_default().to_owned();
        spans.entry(kind).or_insert((number, number)).1 = number;
    }
    spans
}

fn overlap(spans: &BTreeMap<String, (usize, usize)>, one: &str, other: &str) -> bool {
    let ((from, to), (begin, end)) = (spans[one], spans[other]);
    from <= end && begin <= to
}

#[test]
fn streams_of_a_group_are_read_one_after_the_other() {
    for concurrency in [1, 2, 10] {
        let api = exports("none");
        let reading = run(&api, concurrency, &ALL);
        assert!(reading.error.is_none(), "{concurrency}: {:?}", reading.error);
        let spans = spans(&api);
        for (number, one) in GROUP.iter().enumerate() {
            for other in &GROUP[number + 1..] {
                assert!(!overlap(&spans, one, other), "{concurrency}: {one} {other} {spans:?}");
            }
        }
        let expected = |stream: &str| match stream {
            "first" | "second" | "part" => 4,
            "free" | "below" | "twin" => 12,
            _ => 1,
        };
        for stream in ALL {
            assert_eq!(reading.ids(stream).len(), expected(stream), "{concurrency}: {stream}");
        }
    }
}

#[test]
fn streams_without_a_group_wait_for_nobody() {
    let api = exports("none");
    run(&api, 10, &["first", "second", "free"]);
    let spans = spans(&api);
    assert!(overlap(&spans, "free", "first") || overlap(&spans, "free", "second"), "{spans:?}");
}

#[test]
fn a_stream_begins_when_those_before_it_are_complete() {
    for concurrency in [1, 10] {
        let api = exports("none");
        let reading = run(&api, concurrency, &ALL);
        let spans = spans(&api);
        // The parent is read anew for children that may have to wait.
        let free = api.requests().iter().position(|request| request.query_param("page") == Some("13"));
        assert!(spans["late"].0 > spans["first"].1, "{spans:?}");
        assert!(Some(spans["late"].0) > free, "{free:?} {spans:?}");
        assert!(spans["last"].0 > spans["late"].1, "{spans:?}");
        let started = |stream: &str| {
            reading
                .said
                .iter()
                .position(|said| matches!(said, super::reading::Said::Status { stream: found, .. } if found == stream))
        };
        let complete = reading.said.iter().position(|said| {
            matches!(said, super::reading::Said::Status { stream, status } if stream == "first" && status == "COMPLETE")
        });
        assert!(started("late") > complete);
    }
}

#[test]
fn a_stream_that_comes_after_a_parent_does_not_keep_the_children_from_it() {
    for concurrency in [1, 2] {
        let api = exports("none");
        let reading = run(&api, concurrency, &["free", "late", "plain"]);
        assert!(reading.error.is_none(), "{concurrency}: {:?}", reading.error);
        assert_eq!((reading.ids("plain").len(), reading.ids("late").len()), (12, 1), "{concurrency}");
    }
}

#[test]
fn what_is_not_in_the_catalog_is_not_waited_for() {
    let api = exports("none");
    let reading = run(&api, 4, &["late", "last"]);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(api.requests().len(), 2);
}

#[test]
fn a_stream_after_one_that_failed_is_not_read() {
    for concurrency in [1, 10] {
        let api = exports("first");
        let reading = run(&api, concurrency, &["late", "first", "second", "part", "last"]);
        let spans = spans(&api);
        assert!(!spans.contains_key("late") && !spans.contains_key("last"), "{spans:?}");
        for stream in ["late", "last"] {
            assert_eq!(reading.statuses(stream), ["STARTED", "INCOMPLETE"], "{stream}");
        }
        let failures = reading.failures("late");
        assert!(failures[0].1.contains("comes after the stream `first`, which is incomplete"), "{failures:?}");
        // The group goes on.
        assert_eq!(reading.statuses("second").last(), Some(&"COMPLETE"));
    }
}
