//! A manifest beside structs: one configuration, one catalog, one check, one read.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
#[path = "laws/barrier.rs"]
mod barrier;

use std::sync::Arc;
use std::time::Duration;

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::Script;
use airbyte_runtime::{Batch, Connector};
use barrier::{Barrier, Shared};
use serde_json::json;

/// Projects are structs; orders and their lines stand in the manifest.
#[source(base_url = "https://{config.host}", streams = [Project, Task], manifest = "manifest/orders.yaml")]
struct Tracker {
    /// Where the API is.
    #[config(default = "api.example.com")]
    host: String,
    /// Nothing before this day is synced.
    #[config(rename = "from_date", default = "2024-01-01")]
    start: Date,
    /// The account.
    account: u64,
}

#[stream(source = Tracker, path = "/projects", primary_key = id)]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Project, primary_key = id)]
struct Task {
    id: u64,
}

/// Its manifest makes a stream of each list.
#[source(base_url = "https://api.example.com", streams = [Named], manifest = "manifest/templates.yaml")]
struct Lists {
    /// The lists to sync.
    lists: Vec<List>,
}

/// One list.
#[config]
struct List {
    /// What it is called.
    name: String,
}

#[stream(source = Lists, path = "/named")]
struct Named {
    id: u64,
}

/// Its manifest says how many requests may be in flight.
#[source(manifest = "manifest/crowd.yaml")]
struct Crowd {
    /// Where the API is.
    base_url: String,
    /// The most requests in flight.
    workers: Option<u32>,
}

const PROJECTS: &str = r#"{"request": {"path": "/projects"}, "response": {"body": [{"id": 1}]}}"#;
const TASKS: &str = r#"{"request": {"path": "/projects/1/tasks"}, "response": {"body": [{"id": 10}]}}"#;
const ORDERS: &str = r#"{"request": {"path": "/orders", "query": {"since": "2024-01-01", "account": "a7"}},
    "response": {"body": [{"id": 2}, {"id": 3}]}}"#;
const LINES: &str = r#"{"request": {"path": "/orders/2/lines"}, "response": {"body": [{"id": 20}]}},
    {"request": {"path": "/orders/3/lines"}, "response": {"body": [{"id": 30}]}}"#;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

fn names(catalog: &Json) -> Vec<&str> {
    catalog.as_array().into_iter().flatten().filter_map(|stream| stream["name"].as_str()).collect()
}

#[test]
fn both_halves_are_read_with_one_configuration() {
    let api = Script::from_json(&format!("[{PROJECTS},{TASKS},{ORDERS},{LINES}]")).expect("a script").start();
    let connector =
        Connector::<Tracker>::new(json!({"account": 7})).with_origin(&api.url()).expect("the origin is a URL");
    let catalog = connector.discover().expect("discover works");
    assert_eq!(names(&catalog), ["project", "task", "orders", "lines"]);

    let streams = catalog.as_array().into_iter().flatten();
    let streams: Vec<Json> = streams
        .map(|stream| json!({"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}))
        .collect();
    let mut messages = connector.read(json!({ "streams": streams }));
    let mut records = Vec::new();
    block_on(async {
        while let Some(batch) = messages.next().await {
            let Batch::Records(lines) = batch.expect("the read works") else { continue };
            records.extend(String::from_utf8_lossy(&lines).lines().map(|line| {
                let line: Json = serde_json::from_str(line).expect("lines are JSON");
                format!("{} {}", line["record"]["stream"], line["record"]["data"]["id"])
            }));
        }
    });
    records.sort();
    let expected = ["\"lines\" 20", "\"lines\" 30", "\"orders\" 2", "\"orders\" 3", "\"project\" 1", "\"task\" 10"];
    assert_eq!(records, expected);
    assert_eq!(api.complaints(), Vec::<String>::new());
}

#[test]
fn check_asks_both_halves() {
    for (script, expected) in [
        (format!("[{PROJECTS},{ORDERS}]"), None),
        (format!("[{ORDERS}]"), Some("stream `project`")),
        (format!("[{PROJECTS}]"), Some("Stream orders is not available")),
    ] {
        let api = Script::from_json(&script).expect("a script").start();
        let connector =
            Connector::<Tracker>::new(json!({"account": 7})).with_origin(&api.url()).expect("the origin is a URL");
        let result = block_on(connector.check()).map_err(|error| error.message().to_owned());
        match (result, expected) {
            (Ok(()), None) => {}
            (Err(message), Some(expected)) => assert!(message.contains(expected), "{message}"),
            (result, expected) => panic!("{script}: {result:?}, {expected:?}"),
        }
    }
}

#[test]
fn names_that_only_the_configuration_knows_are_compared_at_the_start() {
    let discover = |lists: Json| Connector::<Lists>::new(json!({ "lists": lists })).discover();
    let catalog = discover(json!([{"name": "one"}, {"name": "two"}])).expect("discover works");
    assert_eq!(names(&catalog), ["named", "one", "two"]);
    let error = discover(json!([{"name": "one"}, {"name": "named"}])).expect_err("the name is taken");
    assert_eq!(
        error.message(),
        "two streams are named `named`: a struct of the source, and one of manifest/templates.yaml; give one of them another name"
    );
}

/// A number of the user's is a bound, no larger than `max_concurrency`; without one, the manifest's is a beginning.
#[test]
fn the_manifest_bounds_the_requests_in_flight() {
    #[derive(Default)]
    struct Flights {
        now: usize,
        most: usize,
        all: usize,
    }
    for (workers, first, expected) in [(None, 2, 3), (Some(1), 1, 1), (Some(2), 2, 2), (Some(9), 3, 3)] {
        let shared = Arc::new(Shared::<Flights>::default());
        let flights = Arc::clone(&shared);
        let api = Barrier::start(move |_| {
            let others = flights.with(|flights| {
                flights.now += 1;
                flights.all += 1;
                flights.most = flights.most.max(flights.now);
                if flights.all <= first { first } else { expected }
            });
            // They wait for each other, and all of them for those that are too many.
            flights.wait_until(|flights| flights.most >= others);
            std::thread::sleep(Duration::from_millis(20));
            flights.with(|flights| flights.now -= 1);
            (200, json!([{"id": 1}]).to_string())
        });
        let connector = Connector::<Crowd>::new(json!({"base_url": api.url(), "workers": workers}));
        let stream = json!({"name": "rows", "json_schema": {}});
        let mut messages = connector.read(json!({"streams": [{"stream": stream, "sync_mode": "full_refresh"}]}));
        block_on(async {
            while let Some(batch) = messages.next().await {
                batch.expect("the read works");
            }
        });
        assert_eq!(shared.with(|flights| flights.most), expected, "{workers:?}");
    }
}
