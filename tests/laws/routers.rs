//! Partitions from every source of them, children of changed and of new parents only, records by their content, and
//! states of older versions.

use airbyte_runtime::Connector;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::{Reading, read, read_until, state_of};

/// Repositories, and what belongs to them.
#[source(
    base_url = "{config.base_url}", concurrency = config.concurrency, backoff = constant("PT0.001S"),
    streams = [Repo, Issue, Tag, Named, Batch, Shard, Page, Old, Older],
)]
struct Forge {
    /// Where the API is.
    base_url: String,
    /// The most requests in flight at one time.
    concurrency: u32,
    /// Repositories that the user knows by name.
    names: Vec<String>,
}

/// The parent.
#[stream(
    source = Forge, name = "repos", path = "/repos", primary_key = id,
    cursor = datetime(pushed, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Repo {
    id: u64,
    name: String,
    owner: String,
    pushed: Timestamp,
}

/// Read for changed repositories only.
#[stream(
    source = Forge, name = "issues", path = "/repos/{parent.id}/issues", query = { owner = "{parent.owner}" }, primary_key = id,
    parent = Repo(id as repo, incremental_dependency = true, extra_fields = [owner], header = "X-Repo"),
    cursor = datetime(updated, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
)]
struct Issue {
    id: u64,
    updated: Timestamp,
}

/// Read once for each repository.
#[stream(
    source = Forge, name = "tags", path = "/repos/{parent.id}/tags", primary_key = id,
    parent = Repo(id as repo, new_parents_only = true),
)]
struct Tag {
    id: u64,
}

/// Repositories by name, wherever the name comes from.
#[stream(
    source = Forge, name = "named", path = "/named/{partition.name}", primary_key = id,
    partition = union(list(name = config.names), parents), parent = Repo(name),
)]
struct Named {
    id: u64,
}

/// Two repositories in one request.
#[stream(
    source = Forge, name = "batch", path = "/batch", query = { id = "{partition.id}" }, primary_key = id,
    partition = group(2, parents), parent = Repo(id),
)]
struct Batch {
    id: u64,
}

/// Parts that only code knows, in every combination with a list.
#[stream(
    source = Forge, name = "shards", path = "/named/{partition.shard}", primary_key = id,
    partition = [list(shard = with(shards), param = "shard"), list(kind = ["a", "b"], header = "X-Kind")],
)]
struct Shard {
    id: u64,
}

async fn shards(source: &Forge) -> Result<Vec<String>> {
    Ok(source.names.iter().map(|name| format!("shard-{name}")).collect())
}

/// Pages that say nothing about changes.
#[stream(
    source = Forge, name = "pages", path = "/pages", paginator = page_increment(page_size = 3), primary_key = id,
    cursor = content_hash(id, ignore = [views]),
)]
struct Page {
    id: u64,
    text: String,
    views: u64,
}

/// With a state of old.
#[stream(
    source = Forge, name = "old", path = "/repos/{parent.id}/issues", primary_key = id, parent = Repo(id as repo),
    cursor = datetime(updated, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
    migrate_state = legacy_to_per_partition,
)]
struct Old {
    id: u64,
    updated: Timestamp,
}

/// With a state that only the connector knows.
#[stream(
    source = Forge, name = "older", path = "/repos/1/issues", primary_key = id,
    cursor = datetime(updated, start = "2024-01-01", end = "2024-03-01", start_param = "since"),
    migrate_state = from_v1,
)]
struct Older {
    id: u64,
    updated: Timestamp,
}

fn from_v1(state: &Value) -> Option<Value> {
    Some(json!({"updated": state.get("last_sync")?}))
}

fn day(day: u64) -> String {
    format!("2024-01-{day:02}T00:00:00Z")
}

/// What the API has: the repositories with the day of their last push, and the pages with text and views.
#[derive(Clone)]
struct World {
    repos: Vec<(u64, u64)>,
    pages: Vec<(u64, &'static str, u64)>,
}

fn world() -> World {
    let repos = (1..=5).map(|id| (id, id)).collect();
    World { repos, pages: (1..=10).map(|id| (id, "first", id)).collect() }
}

impl World {
    fn api(&self) -> Api {
        let world = self.clone();
        Api::answering(move |request| Response::json(200, &world.answer(request)))
    }

    fn answer(&self, request: &Request) -> Value {
        let since = request.query_param("since").unwrap_or_default();
        let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        match segments[..] {
            ["repos"] => {
                let repos = self.repos.iter().filter(|(_, pushed)| day(*pushed).as_str() >= since);
                let repo = |(id, pushed): &(u64, u64)| json!({"id": id, "name": format!("r{id}"), "owner": format!("o{id}"), "pushed": day(*pushed)});
                repos.map(repo).collect()
            }
            ["repos", id, "issues"] => {
                let id: u64 = id.parse().expect("a number");
                let issues = [(id * 10, id), (id * 10 + 1, id + 1)];
                let issues = issues.iter().filter(|(_, updated)| day(*updated).as_str() >= since);
                issues.map(|(id, updated)| json!({"id": id, "updated": day(*updated)})).collect()
            }
            ["repos", id, "tags"] => json!([{"id": id.parse::<u64>().expect("a number") * 100}]),
            ["pages"] => {
                let page: usize = request.query_param("page").map_or(1, |page| page.parse().expect("a page"));
                let text = |text: &str| text.repeat(4_000);
                let pages = self.pages.iter().skip((page - 1) * 3).take(3);
                pages.map(|(id, words, views)| json!({"id": id, "text": text(words), "views": views})).collect()
            }
            _ => json!([{"id": 1}]),
        }
    }
}

fn connector(api: &Api, concurrency: u32) -> Connector<Forge> {
    Connector::new(json!({"base_url": api.url(), "concurrency": concurrency, "names": ["r1", "mine"]}))
}

fn resume(api: &Api, concurrency: u32, stream: &str, state: &Value) -> Reading {
    read(&connector(api, concurrency).with_state(state_of(stream, state)), &[stream])
}

fn targets(api: &Api) -> Vec<String> {
    let mut targets: Vec<String> = api.requests().iter().map(ToString::to_string).collect();
    targets.sort();
    targets
}

fn paths(api: &Api) -> Vec<String> {
    let mut paths: Vec<String> = api.requests().iter().map(|request| request.path.clone()).collect();
    paths.sort();
    paths
}

#[test]
fn children_of_unchanged_parents_are_not_asked_for() {
    let mut world = world();
    for concurrency in [1, 32] {
        let api = world.api();
        let first = read(&connector(&api, concurrency), &["issues"]);
        let state = first.last_state("issues").expect("a state");
        assert_eq!(state["parent_state"], json!({"repos": {"pushed": day(5)}}), "{state}");
        assert_eq!(state["states"][0]["partition"], json!({"parent_slice": {}, "repo": 1}));
        let request = api.requests().into_iter().find(|request| request.path == "/repos/3/issues").expect("a child");
        assert_eq!((request.query_param("owner"), request.header("x-repo")), (Some("o3"), Some("3")));

        world.repos[1].1 = 9;
        let api = world.api();
        let second = resume(&api, concurrency, "issues", state);
        // The repository at the state's own value, and the one that was pushed.
        assert_eq!(paths(&api), ["/repos", "/repos/2/issues", "/repos/5/issues"]);
        let mut ids = [first.ids("issues"), second.ids("issues")].concat();
        ids.dedup();
        assert!((1..=5).all(|id| ids.contains(&(id * 10)) && ids.contains(&(id * 10 + 1))), "{ids:?}");
        assert_eq!(second.last_state("issues").expect("a state")["parent_state"], json!({"repos": {"pushed": day(9)}}));
        world.repos[1].1 = 2;
    }
}

#[test]
fn a_stop_after_any_state_of_a_changed_parents_child_loses_nothing() {
    let api = world().api();
    let states = read(&connector(&api, 3), &["issues"]).states().count();
    for stop in 1..=states {
        let first = read_until(&connector(&api, 3), &["issues"], stop);
        let state = first.last_state("issues").expect("a state");
        let second = resume(&api, 3, "issues", state);
        let ids = [first.ids("issues"), second.ids("issues")].concat();
        assert!((1..=5).all(|id| ids.contains(&(id * 10)) && ids.contains(&(id * 10 + 1))), "{state}: {ids:?}");
    }
}

#[test]
fn children_are_read_once_for_each_parent() {
    let mut world = world();
    for concurrency in [1, 32] {
        let first = read(&connector(&world.api(), concurrency), &["tags"]);
        assert_eq!(first.ids("tags"), [100, 200, 300, 400, 500]);
        let state = first.last_state("tags").expect("a state");
        world.repos.push((6, 6));
        let api = world.api();
        let second = resume(&api, concurrency, "tags", state);
        assert_eq!(second.ids("tags"), [600]);
        assert_eq!(paths(&api), ["/repos", "/repos/6/tags"]);
        let third = resume(&world.api(), concurrency, "tags", second.last_state("tags").expect("a state"));
        assert_eq!(third.ids("tags"), [0; 0]);
        world.repos.pop();
    }
}

#[test]
fn a_new_parent_that_failed_is_new_again() {
    let mut world = world();
    world.repos.truncate(3);
    let failing = {
        let world = world.clone();
        Api::answering(move |request| match request.path.as_str() {
            "/repos/2/tags" => Response::json(400, &json!({"message": "not today"})),
            _ => Response::json(200, &world.answer(request)),
        })
    };
    let first = read(&connector(&failing, 2), &["tags"]);
    assert_eq!(first.ids("tags"), [100, 300]);
    let second = resume(&world.api(), 2, "tags", first.last_state("tags").expect("a state"));
    assert_eq!(second.ids("tags"), [200]);
}

#[test]
fn a_union_has_the_values_of_both_once() {
    let api = world().api();
    read(&connector(&api, 4), &["named"]);
    assert_eq!(paths(&api), ["/named/mine", "/named/r1", "/named/r2", "/named/r3", "/named/r4", "/named/r5", "/repos"]);
}

#[test]
fn a_group_asks_for_several_values_at_a_time() {
    let api = world().api();
    read(&connector(&api, 4), &["batch"]);
    let batches: Vec<String> = targets(&api).into_iter().filter(|target| target.contains("/batch")).collect();
    assert_eq!(batches, ["GET /batch?id=1&id=2", "GET /batch?id=3&id=4", "GET /batch?id=5"]);
}

#[test]
fn a_function_may_give_the_values_of_a_list() {
    let api = world().api();
    read(&connector(&api, 4), &["shards"]);
    let mut asked: Vec<String> =
        api.requests().iter().map(|request| format!("{request} {}", request.header("x-kind").unwrap_or("-"))).collect();
    asked.sort();
    assert_eq!(
        asked,
        [
            "GET /named/shard-mine?shard=shard-mine a",
            "GET /named/shard-mine?shard=shard-mine b",
            "GET /named/shard-r1?shard=shard-r1 a",
            "GET /named/shard-r1?shard=shard-r1 b",
        ]
    );
}

#[test]
fn only_records_that_changed_are_written() {
    let mut world = world();
    for concurrency in [1, 32] {
        let first = read(&connector(&world.api(), concurrency), &["pages"]);
        assert_eq!(first.ids("pages"), (1..=10).collect::<Vec<_>>());
        let state = first.last_state("pages").expect("a state");
        let before = world.pages.clone();
        world.pages[4].1 = "second";
        world.pages[6].2 = 1_000;
        world.pages.remove(1);
        world.pages.push((11, "first", 0));
        let second = resume(&world.api(), concurrency, "pages", state);
        assert_eq!(second.ids("pages"), [5, 11]);
        assert_eq!(second.statuses("pages"), ["STARTED", "RUNNING", "COMPLETE"]);
        let third = resume(&world.api(), concurrency, "pages", second.last_state("pages").expect("a state"));
        assert_eq!(third.ids("pages"), [0; 0]);
        world.pages = before;
    }
}

#[test]
fn a_stop_after_any_state_of_remembered_records_loses_no_change() {
    let world = world();
    let api = world.api();
    let whole = read(&connector(&api, 2), &["pages"]);
    let states = whole.states().count();
    assert!(states > 1, "{states} states for four pages");
    for stop in 1..=states {
        let first = read_until(&connector(&api, 2), &["pages"], stop);
        let state = first.last_state("pages").expect("a state");
        let mut changed = world.clone();
        // One record that the first read may have written, and one that it may not.
        changed.pages[0].1 = "second";
        changed.pages[9].1 = "second";
        let second = resume(&changed.api(), 2, "pages", state);
        let mut ids = [first.ids("pages"), second.ids("pages")].concat();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids, (1..=10).collect::<Vec<_>>(), "stopped at state {stop}");
        assert!(second.ids("pages").contains(&1) && second.ids("pages").contains(&10));
    }
}

#[test]
fn states_of_older_versions_are_brought_up_to_date() {
    let api = world().api();
    resume(&api, 2, "old", &json!({"3": {"updated": day(4)}}));
    let since = |path: &str| {
        let requests = api.requests();
        let request = requests.iter().find(|request| request.path == path).expect("a request");
        request.query_param("since").unwrap_or_default().to_owned()
    };
    // The state of old names a parent by a text, so it is found by the partition that has that text only.
    assert_eq!(since("/repos/1/issues"), day(1));
    let api = world().api();
    let reading = resume(&api, 2, "older", &json!({"last_sync": day(2)}));
    assert_eq!(api.requests()[0].query_param("since"), Some(day(2).as_str()));
    assert_eq!(reading.last_state("older"), Some(&json!({"updated": day(2)})));
}
