//! Records travel as bytes: reading more of them allocates for pages, never for records.
//!
//! The counts are of the whole process, the demo API included, so the bound is generous; a `serde_json::Value` of one
//! of these records alone takes more than twenty allocations.

use std::alloc::System;

use airbyte_runtime::prelude::*;
use airbyte_runtime::{Batch, Connector};
use demo_api::DemoApi;
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The benchmark stream of the demo API.
#[source(
    base_url = "{config.base_url}",
    auth     = bearer(config.token),
    streams  = [Issue],
)]
struct Bench {
    /// Where the demo API is.
    base_url: String,
    /// Its token.
    token: Secret,
    /// How many records to read.
    total: u64,
}

/// A record of 500 bytes with nested objects; only what the cursor needs is declared.
#[stream(
    source      = Bench,
    path        = "/records",
    query       = { total = config.total },
    paginator   = page_increment(page_size = 1000, page_size_param = "per_page"),
    cursor      = datetime(updated_at, client_side = true),
    primary_key = id,
)]
struct Issue {
    id: u64,
    updated_at: Timestamp,
}

/// Allocations and bytes of reading `total` records.
fn read(api: &DemoApi, total: u64) -> (usize, usize) {
    let connector = Connector::<Bench>::new(json!({"base_url": api.url(), "token": DemoApi::TOKEN, "total": total}));
    let catalog = json!({"streams": [{
        "stream": {"name": "issue", "json_schema": {}},
        "sync_mode": "incremental",
        "destination_sync_mode": "append",
    }]});
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let region = Region::new(ALLOCATOR);
    let mut lines = 0;
    runtime.block_on(async {
        let mut messages = connector.read(catalog);
        while let Some(batch) = messages.next().await {
            if let Batch::Records(records) = batch.expect("the read succeeds") {
                lines += records.iter().filter(|byte| **byte == b'\n').count();
            }
        }
    });
    assert_eq!(u64::try_from(lines).ok(), Some(total));
    let stats = region.change();
    (stats.allocations + stats.reallocations, stats.bytes_allocated)
}

#[test]
fn a_record_costs_no_allocation() {
    let api = DemoApi::start().expect("the demo API starts");
    read(&api, 100_000);
    let (few, _) = read(&api, 10_000);
    let (many, _) = read(&api, 100_000);
    let per_record = (many as f64 - few as f64) / 90_000.0;
    assert!(per_record < 0.5, "{per_record} allocations for each record: {few} for 10,000, {many} for 100,000");
}
