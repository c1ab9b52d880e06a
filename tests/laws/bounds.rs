//! What a read does at the bounds of memory and of open files: it becomes slower, and loses nothing.

use airbyte_runtime::plan::{Page, PageToken, Paginator, RequestDraft};
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::Response;
use serde_json::{Value, json};

use super::api::Api;
use super::child::{self, World};
use super::reading::catalog;

/// Many hosts, and large pages.
#[source(base_url = "{config.base_url}", max_retries = 0, concurrency = 20, streams = [Host, Large, One, Document])]
pub(crate) struct Wide {
    /// Where the API is.
    base_url: String,
    /// The parts to read.
    parts: Vec<String>,
}

/// A stream whose second pages are each on another host.
#[stream(
    source = Wide, path = "/first/{partition.part}", records = "data", paginator = next_url("next"),
    partition = list(part = config.parts)
)]
struct Host {
    id: u64,
}

/// A stream whose pages are read as a whole, since its paginator may look at all of a body.
#[stream(
    source = Wide, path = "/large/{partition.part}", records = "data", paginator = OnePage,
    partition = list(part = config.parts)
)]
struct Large {
    id: u64,
    text: String,
}

/// A stream whose pages are one record each, which is held until its end has arrived.
#[stream(source = Wide, path = "/one/{partition.part}", records = "data", partition = list(part = config.parts))]
struct One {
    id: u64,
    text: String,
}

/// A stream whose pages are documents of XML, which are held as a whole; most of each is no record.
#[stream(
    source = Wide, path = "/document/{partition.part}", records = "list.data", decoder = xml(),
    partition = list(part = config.parts)
)]
struct Document {
    id: String,
}

/// No page but the first.
struct OnePage;

impl Paginator for OnePage {
    fn first(&self) -> Option<PageToken> {
        None
    }

    fn apply(&self, _: Option<&PageToken>, _: &mut RequestDraft) -> airbyte_runtime::Result<()> {
        Ok(())
    }

    fn next(&self, _: &Page<'_>) -> airbyte_runtime::Result<Option<PageToken>> {
        Ok(None)
    }
}

fn parts(count: usize) -> Vec<String> {
    (0..count).map(|part| part.to_string()).collect()
}

fn count(said: &str) -> usize {
    said.lines().filter(|line| line.contains("\"RECORD\"")).count()
}

/// A process that may have 100 files open asks 300 hosts: connections that nobody needs are closed.
#[test]
fn a_process_with_few_files_asks_many_hosts() {
    let api = Api::answering(|request| {
        let part = request.path.rsplit('/').next().unwrap_or_default();
        let next = request.path.starts_with("/first").then(|| format!("http://host-{part}.test/second/{part}"));
        Response::json(200, &json!({"data": [{"id": 1}], "next": next}))
    });
    let proxy = api.url();
    let world = World {
        variables: &[("http_proxy", &proxy), ("no_proxy", ""), ("NO_PROXY", "")],
        open_files: Some(100),
        ..World::default()
    };
    let config = json!({"base_url": "http://api.home.test", "parts": parts(300)});
    let files: [(&str, &Value); 2] = [("config", &config), ("catalog", &catalog(&["host"]))];
    let (status, said, errors) = child::start_in(&world, "wide", "read", &files).end_with_errors();
    assert!(status.success(), "{said} {errors}");
    assert_eq!(count(&said), 600);
}

/// Pages that together have a hundred times the memory that there is wait for each other, and so does each that has more
/// than all of it: those that are read as a whole, and what is held of those that are read while they arrive.
#[test]
fn pages_wait_for_memory_and_all_of_them_come() {
    let text = "x".repeat(3_000_000);
    let about = format!("<about>{}</about>", "x".repeat(100_000)).repeat(30);
    let api = Api::answering(move |request| match request.path.split('/').nth(1) {
        Some("one") => Response::json(200, &json!({"data": {"id": 1, "text": text}})),
        Some("document") => Response::new(200).body(format!("<list><data><id>1</id></data>{about}</list>")),
        _ => Response::json(200, &json!({"data": [{"id": 1, "text": text}]})),
    });
    let world = World { variables: &[("AIRBYTE_PAGE_MEMORY_MB", "1")], ..World::default() };
    let config = json!({"base_url": api.url(), "parts": parts(40)});
    for stream in ["large", "one", "document"] {
        let files: [(&str, &Value); 2] = [("config", &config), ("catalog", &catalog(&[stream]))];
        let (status, said, errors) = child::start_in(&world, "wide", "read", &files).end_with_errors();
        assert!(status.success(), "{stream}: {errors}");
        assert_eq!(count(&said), 40, "{stream}");
        assert!(said.contains("pages wait for each other"), "{stream}: the bound was not reached");
    }
}
