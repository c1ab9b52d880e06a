//! A manifest beside structs: one configuration, one catalog, one check, one read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Response, Script, Server};
use airbyte_runtime::{Batch, Connector};
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

/// The number comes from the configuration, no larger than `max_concurrency`.
#[test]
fn the_manifest_bounds_the_requests_in_flight() {
    for (workers, expected) in [(None, 2), (Some(1), 1), (Some(9), 3)] {
        // The server answers after the delay, so a request that arrives earlier than that after another overlaps it.
        let delay = Duration::from_millis(30);
        let (arrivals, most) = (Mutex::new(Vec::new()), Arc::new(AtomicUsize::new(0)));
        let peak = Arc::clone(&most);
        let server = Server::start(move |_| {
            let mut arrivals = arrivals.lock().expect("no handler panics");
            let now = Instant::now();
            arrivals.push(now);
            let overlapping = arrivals.iter().filter(|then| now.duration_since(**then) < delay).count();
            peak.fetch_max(overlapping, Ordering::Relaxed);
            Response::json(200, &json!([{"id": 1}])).delay(delay)
        });
        let server = server.expect("a free port");
        let connector = Connector::<Crowd>::new(json!({"base_url": server.url(), "workers": workers}));
        let stream = json!({"name": "rows", "json_schema": {}});
        let mut messages = connector.read(json!({"streams": [{"stream": stream, "sync_mode": "full_refresh"}]}));
        block_on(async {
            while let Some(batch) = messages.next().await {
                batch.expect("the read works");
            }
        });
        assert_eq!(most.load(Ordering::Relaxed), expected, "{workers:?}");
    }
}
