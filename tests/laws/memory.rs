//! A reader that is slower than the API slows the read: memory does not grow with the stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::Response;
use airbyte_runtime::{Batch, Connector};
use serde_json::{Value, json};

use super::api::Api;
use super::reading::catalog;

/// Pages that hold one large record.
#[source(base_url = "{config.base_url}", streams = [Large, LargeByRegion])]
struct Volume {
    /// Where the API is.
    base_url: String,
}

/// Page after page.
#[stream(source = Volume, path = "/large", paginator = page_increment(), primary_key = id)]
struct Large {
    id: u64,
}

/// The same in three partitions at one time.
#[stream(
    source = Volume, path = "/large/{partition.region}", paginator = page_increment(), primary_key = id,
    partition = list(region = ["eu", "us", "ap"]),
)]
struct LargeByRegion {
    id: u64,
}

const PAGE: usize = 1 << 20;
const PAGES: usize = 30;
/// Bytes of records that may wait for a reader.
const QUEUE: usize = 4 << 20;

fn read_slowly(stream: &str, slices: usize) {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let api = Api::answering(move |request| {
        let page: usize = request.query_param("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        if page > PAGES {
            return Response::json(200, &json!([]));
        }
        counter.fetch_add(1, Ordering::Relaxed);
        Response::json(200, &json!([{"id": page, "text": "x".repeat(PAGE)}]))
    });
    let mut messages = Connector::<Volume>::new(json!({"base_url": api.url()})).read(catalog(&[stream]));
    let ahead = at_rest(&sent);
    // Besides the queue, each slice holds the page that it hands over and the one that it has asked for.
    let most = QUEUE / PAGE + 2 * slices;
    assert!(ahead <= most, "{ahead} pages were read before anybody listened; at most {most} may be");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut records = 0;
    while let Some(batch) = runtime.block_on(messages.next()) {
        if let Batch::Records(lines) = batch.expect("a good read") {
            records += lines.iter().filter(|byte| **byte == b'\n').count();
        }
    }
    assert_eq!(records, PAGES * slices);
}

/// The number once it no longer grows.
fn at_rest(number: &AtomicUsize) -> usize {
    let began = Instant::now();
    let mut last = (0, Instant::now());
    while began.elapsed() < Duration::from_secs(20) && last.1.elapsed() < Duration::from_millis(700) {
        std::thread::sleep(Duration::from_millis(20));
        let now = number.load(Ordering::Relaxed);
        if now != last.0 || now == 0 {
            last = (now, Instant::now());
        }
    }
    last.0
}

#[test]
fn a_slow_reader_slows_the_read() {
    read_slowly("large", 1);
}

#[test]
fn a_slow_reader_slows_all_partitions_together() {
    read_slowly("large_by_region", 3);
}

/// Whoever stops listening stops the read: the API is not asked for the rest.
#[test]
fn a_reader_that_leaves_ends_the_read() {
    let api = Api::answering(|request| {
        let page: u64 = request.query_param("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        Response::json(200, &json!([{"id": page}])).delay(Duration::from_millis(5))
    });
    let mut messages = Connector::<Volume>::new(json!({"base_url": api.url()})).read(catalog(&["large"]));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let first: Vec<Value> = (0..3)
        .filter_map(|_| match runtime.block_on(messages.next()) {
            Some(Ok(Batch::Message(message))) => Some(message),
            _ => None,
        })
        .collect();
    assert!(!first.is_empty());
    drop(messages);
    let began = Instant::now();
    let mut asked = api.requests().len();
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let now = api.requests().len();
        if now == asked {
            break;
        }
        asked = now;
        assert!(began.elapsed() < Duration::from_secs(60), "the read goes on although nobody listens");
    }
}
