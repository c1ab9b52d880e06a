//! Every stream that starts ends once, whatever fails; the failure of one is the failure of that one.

use std::sync::atomic::{AtomicUsize, Ordering};

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use airbyte_runtime::{Connector, ErrorKind};
use serde_json::json;

use super::api::{Api, rows};
use super::reading::{read, read_until};
use super::sources::{STREAMS, page};

/// Streams that fail in every way, beside one that does not.
#[source(
    base_url    = "{config.base_url}",
    backoff     = constant("PT0.001S"),
    max_retries = 2,
    streams     = [
        Good, Down, Locked, Forbidden, Unknown, Limited, Html, Hung, Cut, Garbled, Scalars, Apology, Patchy, Parent, Child,
        Grandchild, LockedChild, ChildOfTwo, Midway,
    ],
    concurrency = config.concurrency,
)]
struct Failing {
    /// Where the API is.
    base_url: String,
    /// The most requests in flight at one time.
    #[config(default = 10)]
    concurrency: u32,
}

macro_rules! stream_at {
    ($name:ident, $path:tt) => {
        /// A stream.
        #[stream(source = Failing, path = $path, records = "data", paginator = next_url("next"))]
        struct $name {
            id: u64,
        }
    };
}

stream_at!(Good, "/good");
stream_at!(Down, "/status/500");
stream_at!(Locked, "/status/401");
stream_at!(Forbidden, "/status/403");
stream_at!(Unknown, "/status/404");
stream_at!(Limited, "/status/429");
stream_at!(Html, "/html");
stream_at!(Hung, "/reset");
stream_at!(Cut, "/cut");
stream_at!(Garbled, "/garbled");
stream_at!(Scalars, "/scalars");
stream_at!(Apology, "/apology");
stream_at!(Midway, "/midway");

/// One of three partitions fails.
#[stream(
    source = Failing, path = "/region/{partition.region}", records = "data",
    partition = list(region = ["eu", "us", "ap"]),
    cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Patchy {
    id: u64,
    updated_at: Timestamp,
}

/// A parent that fails on its second page.
#[stream(source = Failing, path = "/midway", records = "data", paginator = next_url("next"))]
struct Parent {
    id: u64,
}

/// A child of a parent that fails.
#[stream(source = Failing, path = "/good", records = "data", parent = Parent(id))]
struct Child {
    id: u64,
}

/// A grandchild of a stream that fails.
#[stream(source = Failing, path = "/good", records = "data", parent = Child(id))]
struct Grandchild {
    id: u64,
}

/// A child of a parent that cannot be read at all.
#[stream(source = Failing, path = "/good", records = "data", parent = Locked(id))]
struct LockedChild {
    id: u64,
}

/// A child of a parent that fails and of one that does not.
#[stream(source = Failing, path = "/good", records = "data", parent = [Locked(id), Good(id)])]
struct ChildOfTwo {
    id: u64,
}

/// How every stream must end: the kind and a part of the message of its failure.
const ENDS: [(&str, &str, &str); 18] = [
    ("down", "transient_error", "500"),
    ("locked", "config_error", "credentials"),
    ("forbidden", "config_error", "permission"),
    ("unknown", "system_error", "does not know"),
    ("limited", "transient_error", "rate limit"),
    ("html", "system_error", "HTML"),
    ("hung", "transient_error", "broke off"),
    ("cut", "transient_error", "broke off"),
    ("garbled", "system_error", "cannot be read"),
    ("scalars", "system_error", "cannot be read"),
    ("apology", "system_error", "out of stock"),
    ("patchy", "transient_error", "503"),
    ("midway", "transient_error", "500"),
    ("parent", "transient_error", "500"),
    ("child", "transient_error", "parent"),
    ("grandchild", "transient_error", "parent"),
    ("locked_child", "config_error", "parent"),
    ("child_of_two", "config_error", "parent"),
];

fn failing(request: &Request) -> Response {
    let good = json!({"data": [{"id": 1, "updated_at": "2024-01-05T00:00:00Z"}, {"id": 2, "updated_at": "2024-01-06T00:00:00Z"}]});
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match segments[..] {
        ["status", status] => {
            let answer = Response::json(status.parse().expect("a status"), &json!({"message": "no"}));
            if status == "429" { answer.header("retry-after", "0") } else { answer }
        }
        ["html"] => Response::new(200).header("content-type", "text/html").body("<html>Down for maintenance</html>"),
        ["reset"] => Response::json(200, &good).reset(),
        ["cut"] => Response::json(200, &good).truncated_at(20),
        ["garbled"] => Response::new(200).body("{\"data\": [{\"id\": 1}, oops]}"),
        ["scalars"] => Response::json(200, &json!({"data": [1, 2]})),
        ["apology"] => Response::json(200, &json!({"error": {"message": "out of stock"}})),
        ["region", "us"] => Response::json(503, &json!({"message": "later"})),
        ["midway"] if request.query_param("page") == Some("2") => Response::json(500, &json!({"message": "no"})),
        ["midway"] => Response::json(200, &json!({"data": good["data"], "next": request.url_with(&[("page", "2")])})),
        _ => Response::json(200, &good),
    }
}

fn connector(api: &Api, concurrency: u32) -> Connector<Failing> {
    connector_to(&api.url(), concurrency)
}

fn connector_to(url: &str, concurrency: u32) -> Connector<Failing> {
    Connector::new(json!({"base_url": url, "concurrency": concurrency}))
}

fn every_stream() -> Vec<&'static str> {
    std::iter::once("good").chain(ENDS.map(|(stream, ..)| stream)).collect()
}

#[test]
fn each_stream_ends_once_and_for_its_own_reason() {
    for concurrency in [1, 10] {
        let api = Api::answering(failing);
        let reading = read(&connector(&api, concurrency), &every_stream());
        assert_eq!(reading.statuses("good"), ["STARTED", "RUNNING", "COMPLETE"]);
        assert_eq!(reading.ids("good"), [1, 2]);
        for (stream, kind, part) in ENDS {
            let failures = reading.failures(stream);
            let [(found, message, detail)] = failures[..] else {
                panic!("{stream} fails {} times: {failures:#?}", failures.len())
            };
            assert!(message.contains(part), "{stream}: {message} ({detail})");
            assert_eq!(found, kind, "{stream}: {message} ({detail})");
            assert_eq!(reading.statuses(stream).last(), Some(&"INCOMPLETE"), "{stream}");
        }
        let error = reading.error.expect("a read with failed streams fails");
        // The first failed stream of the catalog decides whether the sync is tried again.
        assert_eq!(error.kind(), ErrorKind::Transient);
        for (stream, ..) in ENDS {
            assert!(error.message().contains(&format!("`{stream}`")), "{error}");
        }
        assert!(!error.message().contains("`good`"), "{error}");
    }
}

/// Each alone: nothing that another stream does may be needed to end.
#[test]
fn each_stream_ends_alone() {
    let api = Api::answering(failing);
    for (stream, ..) in ENDS {
        let reading = read(&connector(&api, 1), &[stream]);
        assert_eq!(reading.statuses(stream).last(), Some(&"INCOMPLETE"));
    }
}

/// What the other partitions and pages held is kept, and the state does not cover what failed.
#[test]
fn a_partition_that_fails_costs_only_itself() {
    let api = Api::answering(failing);
    let reading = read(&connector(&api, 10), &["patchy", "midway"]);
    assert_eq!(reading.ids("patchy"), [1, 1, 2, 2]);
    assert_eq!(reading.ids("midway"), [1, 2]);
    let state = reading.last_state("patchy").expect("a state");
    assert_eq!(state.get("state"), None, "the whole stream's cursor moved although a partition failed: {state}");
    let reached = |region: &str| {
        let entry =
            state["states"].as_array().into_iter().flatten().find(|entry| entry["partition"]["region"] == region);
        entry.map(|entry| entry["cursor"]["updated_at"].clone())
    };
    assert_eq!(reached("eu"), Some(json!("2024-01-06T00:00:00Z")));
    assert_eq!(reached("us"), Some(json!("2024-01-01T00:00:00Z")));
}

/// A child of a failed parent keeps what it got, and its partitions that were read.
#[test]
fn a_parent_that_fails_costs_only_the_partitions_it_did_not_name() {
    let api = Api::answering(failing);
    for streams in [vec!["child"], vec!["parent", "child"], vec!["child", "grandchild"]] {
        let reading = read(&connector(&api, 10), &streams);
        assert_eq!(reading.ids("child"), [1, 1, 2, 2], "{streams:?}");
    }
    let reading = read(&connector(&api, 10), &["child_of_two"]);
    assert_eq!(reading.ids("child_of_two"), [1, 1, 2, 2]);
}

/// The API dies after so many answers, for every number of answers: some streams are complete, all have ended, and
/// the states are good to go on from.
#[test]
fn an_api_that_dies_midway_ends_every_stream() {
    let rows = rows();
    let ids: Vec<u64> = rows.iter().map(|row| row.id).collect();
    let healthy = Api::of(rows.clone());
    for alive in [0, 1, 2, 5, 9, 14, 20, 27, 35, 50] {
        let answered = AtomicUsize::new(0);
        let api = Api::with(rows.clone(), move |_, answer| match answered.fetch_add(1, Ordering::Relaxed) < alive {
            true => answer,
            false => Response::new(404),
        });
        let first = read(&Connector::<page::Rows>::new(api.config("page", 3)), &STREAMS);
        let again = Connector::<page::Rows>::new(healthy.config("page", 3)).with_state(first.state_file());
        let second = read(&again, &STREAMS);
        assert!(second.error.is_none(), "{:?}", second.error);
        for stream in STREAMS {
            let mut both = [first.ids(stream), second.ids(stream)].concat();
            both.sort_unstable();
            both.dedup();
            assert_eq!(both, ids, "{stream}: died after {alive} answers at {:?}", first.last_state(stream));
        }
    }
}

/// Nobody listens at the port at all.
#[test]
fn an_api_that_is_gone_is_a_transient_failure() {
    // Unlike a port that somebody has had, nobody gets this one.
    let connector = connector_to("http://127.0.0.1:1", 2);
    let reading = read(&connector, &["good", "child"]);
    let [(kind, message, _)] = reading.failures("good")[..] else { panic!("one failure") };
    assert_eq!(kind, "transient_error");
    assert!(message.contains("refuses the connection"), "{message}");
}

/// Streams that the source does not have are incomplete; with none that it has, the read is a config error.
#[test]
fn unknown_streams_are_incomplete() {
    let api = Api::answering(failing);
    let reading = read_until(&connector(&api, 1), &["good", "gone"], usize::MAX);
    assert!(reading.error.is_none());
    assert_eq!(reading.statuses("gone"), ["INCOMPLETE"]);
    assert_eq!(reading.statuses("good").last(), Some(&"COMPLETE"));
    let reading = read_until(&connector(&api, 1), &["gone"], usize::MAX);
    assert_eq!(reading.error.map(|error| error.kind()), Some(ErrorKind::Config));
}
