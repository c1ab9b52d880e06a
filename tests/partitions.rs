//! However many partitions a stream has, a read holds those that are on their way: memory does not grow with them.
//!
//! The bytes are those of the whole process, the API included, which keeps nothing. `PARTITIONS` sets the count.

use std::alloc::System;
use std::io;

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Response, Server};
use airbyte_runtime::{Batch, Connector};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Accounts with entries; there are as many as configured.
#[source(base_url = "{config.base_url}", streams = [Account, Entry, Note, Figure])]
struct Bank {
    /// Where the API is.
    base_url: String,
    /// How many accounts it has.
    total: u64,
    /// What is asked of each account.
    metrics: Vec<String>,
}

/// The parent.
#[stream(
    source = Bank, path = "/accounts", query = { total = config.total },
    paginator = page_increment(page_size = 1000, page_size_param = "per_page"), primary_key = id,
)]
struct Account {
    id: u64,
}

/// What an account has, with a state for each account until there are too many.
#[stream(
    source = Bank, path = "/accounts/{parent.id}/entries", parent = Account, primary_key = id,
    cursor = datetime(updated_at, start = "2024-01-01T00:00:00Z"),
)]
struct Entry {
    id: u64,
    updated_at: Timestamp,
}

/// The same without a state.
#[stream(source = Bank, path = "/accounts/{parent.id}/notes", parent = Account, primary_key = id)]
struct Note {
    id: u64,
}

/// Every combination of accounts and metrics.
#[stream(
    source = Bank, path = "/accounts/{parent.id}/{partition.metric}", parent = Account, primary_key = id,
    partition = list(metric = config.metrics),
)]
struct Figure {
    id: u64,
}

/// An API with as many accounts as it is asked for, and one record for each.
fn api() -> io::Result<Server> {
    Server::start(|request| {
        let number = |name: &str| request.query_param(name).and_then(|value| value.parse().ok()).unwrap_or(0_usize);
        let body = match request.path.as_str() {
            "/accounts" => {
                let first = number("page").saturating_sub(1) * number("per_page");
                let ids = first..(first + number("per_page")).min(number("total")).max(first);
                let accounts = ids.map(|id| format!(r#"{{"id":{id}}}"#)).collect::<Vec<_>>();
                format!("[{}]", accounts.join(","))
            }
            path => {
                let id = path.split('/').nth(2).unwrap_or_default();
                format!(r#"[{{"id":{id},"updated_at":"2024-02-03T04:05:06Z"}}]"#)
            }
        };
        Response::new(200).header("content-type", "application/json").body(body)
    })
}

/// The bytes that are allocated now.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.saturating_sub(stats.bytes_deallocated)
}

/// The most bytes at one time that reading a stream takes, where each of so many accounts is a partition.
fn most_bytes(api: &Server, stream: &str, partitions: usize) -> usize {
    let catalog = json!({"streams": [{
        "stream": {"name": stream, "json_schema": {}},
        "sync_mode": if stream == "entry" { "incremental" } else { "full_refresh" },
        "destination_sync_mode": "append",
    }]});
    let before = held();
    let connector = Connector::<Bank>::new(json!({"base_url": api.url(), "total": partitions, "metrics": []}));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mut most, mut lines) = (0, 0);
    runtime.block_on(async {
        let mut messages = connector.read(catalog);
        while let Some(batch) = messages.next().await {
            if let Batch::Records(records) = batch.expect("the read succeeds") {
                lines += records.iter().filter(|byte| **byte == b'\n').count();
            }
            most = most.max(held().saturating_sub(before));
        }
    });
    assert_eq!(lines, partitions);
    most
}

/// Twice as many partitions take at most so many bytes more for each: nothing is kept of one that was read. What is kept of
/// one takes over a hundred, and the requests under way differ from read to read.
const BYTES: usize = 48;

/// What two reads may differ by on a machine that is busy with other things, and how often it is tried: what is kept is
/// kept each time.
const NOISE: usize = 4 << 20;
const TRIES: usize = 3;

fn partitions_are_forgotten(stream: &str) {
    // Above the number from which the state is that of the whole stream.
    let many = std::env::var("PARTITIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(24_000);
    let api = api().expect("the API starts");
    most_bytes(&api, stream, 100);
    let are_forgotten = (0..TRIES).any(|_| {
        let (half, all) = (most_bytes(&api, stream, many / 2), most_bytes(&api, stream, many));
        eprintln!("{stream}: {half} bytes for {} partitions, {all} for {many}", many / 2);
        all < half + NOISE.max(many / 2 * BYTES)
    });
    assert!(are_forgotten, "`{stream}` takes the more memory the more partitions it has");
}

/// The most bytes at one time until some records are there, where each account of a page is combined with so many metrics.
fn bytes_of_product(api: &Server, metrics: usize) -> usize {
    let metrics: Vec<String> = (0..metrics).map(|metric| format!("metric{metric:03}")).collect();
    let catalog = json!({"streams": [{
        "stream": {"name": "figure", "json_schema": {}},
        "sync_mode": "full_refresh", "destination_sync_mode": "append",
    }]});
    let connector = Connector::<Bank>::new(json!({"base_url": api.url(), "total": 1000, "metrics": metrics}));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let before = held();
    let (mut most, mut lines) = (0, 0);
    runtime.block_on(async {
        let mut messages = connector.read(catalog);
        while lines < 500 {
            let batch = messages.next().await.expect("there are more records");
            if let Batch::Records(records) = batch.expect("the read goes on") {
                lines += records.iter().filter(|byte| **byte == b'\n').count();
            }
            most = most.max(held().saturating_sub(before));
        }
    });
    most
}

/// The combinations of a page of parents with a list are made as they are read: all of them took 200 MB.
fn products_are_made_as_they_are_read() {
    let api = api().expect("the API starts");
    bytes_of_product(&api, 1);
    let are_made_in_time = (0..TRIES).any(|_| {
        let (few, many) = (bytes_of_product(&api, 1), bytes_of_product(&api, 200));
        eprintln!("figure: {few} bytes with one metric, {many} with 200");
        many < few + 2 * NOISE
    });
    assert!(are_made_in_time, "the combinations of a page are made before they are read");
}

/// All in one test: the bytes are those of the process.
#[test]
fn memory_does_not_grow_with_partitions() {
    products_are_made_as_they_are_read();
    for stream in ["note", "entry"] {
        partitions_are_forgotten(stream);
    }
}
