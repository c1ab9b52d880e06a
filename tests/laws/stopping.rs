//! SIGTERM at a bad moment: what has not been read is not in the state.

#![cfg(unix)]

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::child;
use super::reading::{Reading, catalog, read};

/// Trees whose second page takes its time, and their fruits.
#[source(base_url = "{config.base_url}", streams = [Tree, Fruit])]
pub(crate) struct Orchard {
    /// Where the API is.
    base_url: String,
}

/// The parent.
#[stream(source = Orchard, name = "trees", path = "/trees", records = "data", paginator = next_url("next"))]
struct Tree {
    id: u64,
}

/// The child.
#[stream(
    source = Orchard, name = "fruits", path = "/trees/{parent.id}/fruits", records = "data", parent = Tree(id),
    cursor = datetime(updated_at, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Fruit {
    id: u64,
    updated_at: Timestamp,
}

/// Two trees on each page. The newest fruits are those of the first tree.
fn orchard(request: &Request, patience: Duration) -> Response {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match segments[..] {
        ["trees"] if request.query_param("page") == Some("2") => {
            Response::json(200, &json!({"data": [{"id": 3}, {"id": 4}]})).delay(patience)
        }
        ["trees"] => {
            let next = request.url_with(&[("page", "2")]);
            Response::json(200, &json!({"data": [{"id": 1}, {"id": 2}], "next": next}))
        }
        ["trees", id, "fruits"] => {
            let id: u64 = id.parse().expect("a number");
            let fruits = [(id * 10, 25 - id), (id * 10 + 1, 26 - id)]
                .map(|(id, day)| (id, format!("2024-02-{day:02}T00:00:00Z")));
            let since = request.query_param("since").unwrap_or_default();
            let fruits = fruits.iter().filter(|(_, day)| day.as_str() >= since);
            Response::json(
                200,
                &json!({"data": fruits.map(|(id, day)| json!({"id": id, "updated_at": day})).collect::<Vec<_>>()}),
            )
        }
        _ => Response::new(404),
    }
}

/// All partitions that are known are done, and the parent has more of them to name.
#[test]
fn a_stop_while_the_parent_is_slow_does_not_cover_what_it_has_not_named() {
    let slow = Api::answering(|request| orchard(request, Duration::from_secs(60)));
    let config = json!({"base_url": slow.url()});
    let mut running = child::start("orchard", "read", &[("config", &config), ("catalog", &catalog(&["fruits"]))]);
    running.wait_for(|said| {
        let reading = Reading::of_lines(said.rsplit_once('\n').map_or("", |(lines, _)| lines));
        reading.ids("fruits") == [10, 11, 20, 21] && reading.states().count() > 0
    });
    // Both slices are closed once nothing more is said.
    std::thread::sleep(Duration::from_millis(100));
    running.terminate();
    let (status, said) = running.end();
    assert_eq!(status.signal(), Some(15), "{status:?}");
    let first = Reading::of_lines(&said);
    assert_eq!(first.statuses("fruits").last(), Some(&"INCOMPLETE"));
    let state = first.last_state("fruits").expect("a state");

    let quick = Api::answering(|request| orchard(request, Duration::ZERO));
    let connector = Connector::<Orchard>::new(json!({"base_url": quick.url()})).with_state(first.state_file());
    let second = read(&connector, &["fruits"]);
    let mut ids = [first.ids("fruits"), second.ids("fruits")].concat();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids, [10, 11, 20, 21, 30, 31, 40, 41], "stopped at {state}");
    let global: &Value = &state["state"];
    assert!(
        global.is_null(),
        "the cursor of the whole stream moved, although half of its partitions were not known: {state}"
    );
}
