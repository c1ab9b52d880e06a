//! Types and functions of the connector's own, each where a built-in component stands.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use airbyte_runtime::Connector;
use airbyte_runtime::define::partition::PartitionKeys;
use airbyte_runtime::plan::{
    Answer, Backoff, ErrorHandler, FailedTry, LocalBoxFuture, Map, Page, PageToken, Paginator, PartitionRouter,
    RequestDraft, Verdict, Wait,
};
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::{Reading, read};

/// An API that nothing built in knows how to read.
#[source(base_url = "{config.base_url}", concurrency = 1, streams = [Lettered, Patient, Lenient, Sharded, Counted])]
struct Odd {
    /// Where the API is.
    base_url: String,
    /// The shards, with commas.
    shards: String,
}

/// The first page is `a`, the last one `c`.
struct ByLetter {
    last: char,
}

impl Paginator for ByLetter {
    fn first(&self) -> Option<PageToken> {
        Some(PageToken::from("a"))
    }

    fn apply(&self, token: Option<&PageToken>, request: &mut RequestDraft) -> Result<()> {
        if let Some(PageToken::Value(Value::String(letter))) = token {
            request.set_param("letter", letter.as_str());
        }
        Ok(())
    }

    fn next(&self, page: &Page<'_>) -> Result<Option<PageToken>> {
        let Some(PageToken::Value(Value::String(letter))) = page.token() else { return Ok(None) };
        let next = letter.chars().next().and_then(|letter| char::from_u32(u32::from(letter) + 1));
        Ok(next.filter(|next| *next <= self.last).map(|next| PageToken::from(next.to_string().as_str())))
    }
}

#[stream(source = Odd, path = "/lettered", primary_key = id, paginator = ByLetter { last: 'c' })]
struct Lettered {
    id: String,
}

/// Counts how often it was asked.
struct Counting;

static WAITS: AtomicUsize = AtomicUsize::new(0);

impl Backoff for Counting {
    fn wait(&self, failed: &FailedTry<'_>) -> Option<Wait> {
        WAITS.fetch_add(usize::try_from(failed.attempt).unwrap_or(0), Ordering::Relaxed);
        Some(Wait::For(Duration::ZERO))
    }
}

#[stream(source = Odd, path = "/patient", primary_key = id, backoff = Counting, max_retries = 2)]
struct Patient {
    id: String,
}

/// A teapot has no records.
struct TeapotIsEmpty {
    status: u16,
}

impl ErrorHandler for TeapotIsEmpty {
    fn decide(&self, answer: &Answer<'_>) -> Option<Verdict> {
        (answer.status.as_u16() == self.status).then_some(Verdict::Ignore)
    }
}

#[stream(source = Odd, path = "/teapot", primary_key = id, error_handler = TeapotIsEmpty { status: 418 })]
struct Lenient {
    id: String,
}

/// The shards of the configuration, all but the first.
struct Shards {
    skip: usize,
}

impl PartitionKeys for Shards {
    const KEYS: &'static [&'static str] = &["shard"];
}

impl PartitionRouter for Shards {
    fn partitions<'a>(&'a self, config: &'a Config) -> LocalBoxFuture<'a, Result<Vec<Map<String, Value>>>> {
        Box::pin(async move {
            let odd = config.typed::<Odd>()?;
            let shards = odd.shards.split(',').skip(self.skip);
            Ok(shards.map(|shard| Map::from_iter([("shard".to_owned(), shard.into())])).collect())
        })
    }
}

#[stream(source = Odd, path = "/shards/{partition.shard}", primary_key = id, partition = Shards { skip: 1 })]
struct Sharded {
    id: String,
}

/// No HTTP at all: the windows are the engine's, the records the function's.
#[stream(source = Odd, read = count, cursor = integer(id), partition = list(base = [10, 20]))]
struct Counted {
    id: u64,
}

async fn count(source: &Odd, slice: &Slice, records: &mut Records<'_, Counted>) -> Result<()> {
    let base = slice.partition("base").and_then(Value::as_u64).unwrap_or_default();
    let from = slice.interval().and_then(|interval| interval.start.parse().ok()).unwrap_or(0);
    for id in (base..base + source.shards.split(',').count() as u64).filter(|id| *id >= from) {
        records.push(Counted { id }).await?;
    }
    Ok(())
}

fn odd(connector: impl FnOnce(Connector<Odd>) -> Connector<Odd>, stream: &str) -> (Reading, Api) {
    let api = Api::answering(|request: &Request| match (request.path.as_str(), request.query_param("letter")) {
        ("/lettered", Some(letter)) => Response::json(200, &json!([{"id": letter}])),
        ("/teapot", _) => Response::json(418, &json!({"message": "short and stout"})),
        ("/patient", _) => Response::json(503, &json!({"message": "not yet"})),
        (path, _) => Response::json(200, &json!([{"id": path}])),
    });
    let config = json!({"base_url": api.url(), "shards": "x,y,z"});
    (read(&connector(Connector::new(config)), &[stream]), api)
}

fn ids(reading: &Reading, stream: &str) -> Vec<Value> {
    reading.records(stream).map(|record| record["id"].clone()).collect()
}

#[test]
fn a_paginator_of_ones_own_says_which_page_is_next() {
    let (reading, _) = odd(|connector| connector, "lettered");
    assert_eq!(ids(&reading, "lettered"), ["a", "b", "c"]);
}

#[test]
fn a_backoff_of_ones_own_is_asked_before_each_try() {
    let (reading, api) = odd(|connector| connector, "patient");
    assert_eq!((api.requests().len(), WAITS.load(Ordering::Relaxed)), (3, 1 + 2));
    assert_eq!(reading.statuses("patient").last(), Some(&"INCOMPLETE"));
}

#[test]
fn an_error_handler_of_ones_own_says_what_an_answer_means() {
    let (reading, api) = odd(|connector| connector, "lenient");
    assert_eq!((api.requests().len(), reading.statuses("lenient").last()), (1, Some(&"COMPLETE")));
}

#[test]
fn a_router_of_ones_own_says_which_parts_there_are() {
    let (reading, _) = odd(|connector| connector, "sharded");
    assert_eq!(ids(&reading, "sharded"), ["/shards/y", "/shards/z"]);
}

#[test]
fn a_function_reads_the_slices_of_the_engine() {
    let (first, _) = odd(|connector| connector, "counted");
    assert_eq!(first.ids("counted"), [10, 11, 12, 20, 21, 22]);
    let state = first.state_file();
    let (second, _) = odd(|connector| connector.with_state(state), "counted");
    assert_eq!(second.ids("counted"), [12, 22]);
}
