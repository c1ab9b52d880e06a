//! Records travel as bytes: reading more of them allocates for pages, never for records.
//!
//! The counts are of the whole process, the demo API included, so the bound is generous; a `serde_json::Value` of one
//! of these records alone takes more than twenty allocations.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod quickstart;

use std::alloc::System;
use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use airbyte_runtime::manifest::{Registry, run_with};
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

fn catalog() -> serde_json::Value {
    json!({"streams": [{
        "stream": {"name": "issue", "json_schema": {}},
        "sync_mode": "incremental",
        "destination_sync_mode": "append",
    }]})
}

/// Reads `total` records with the connector above; returns how many there are.
fn read(api: &DemoApi, total: usize) -> usize {
    let connector = Connector::<Bench>::new(json!({"base_url": api.url(), "token": DemoApi::TOKEN, "total": total}));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut lines = 0;
    runtime.block_on(async {
        let mut messages = connector.read(catalog());
        while let Some(batch) = messages.next().await {
            if let Batch::Records(records) = batch.expect("the read succeeds") {
                lines += records.iter().filter(|byte| **byte == b'\n').count();
            }
        }
    });
    lines
}

/// The same stream as a manifest has it.
const MANIFEST: &str = r##"
version: 7.0.0
type: DeclarativeSource
check: {type: CheckStream, stream_names: [issue]}
streams:
  - type: DeclarativeStream
    name: issue
    primary_key: id
    schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {}}}
    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: updated_at
      datetime_format: "%Y-%m-%dT%H:%M:%SZ"
      start_datetime: "2020-01-01T00:00:00Z"
      end_datetime: "2030-01-01T00:00:00Z"
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: "{{ config['base_url'] }}"
        path: records
        request_parameters: {total: "{{ config['total'] }}"}
        authenticator: {type: BearerAuthenticator, api_token: "{{ config['token'] }}"}
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}
      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page}
        page_size_option: {type: RequestOption, inject_into: request_parameter, field_name: per_page}
        pagination_strategy: {type: PageIncrement, page_size: 1000, start_from_page: 1, inject_on_first_request: true}
spec: {type: Spec, connection_specification: {type: object, properties: {}}}
"##;

/// Counts the records that go through it, and keeps nothing.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Where a write ends between a line and its end, the line counts with the next one.
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.0.fetch_add(lines, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads `total` records with the manifest; returns how many lines there are.
fn read_manifest(api: &DemoApi, total: usize) -> usize {
    let files = quickstart::Folder::new();
    let config = json!({"base_url": api.url(), "token": DemoApi::TOKEN, "total": total.to_string()});
    let arguments = [
        ("--config", files.file("config.json", config)),
        ("--catalog", files.file("catalog.json", catalog())),
        ("--manifest-path", files.file("manifest.yaml", MANIFEST)),
    ];
    let arguments = arguments.into_iter().flat_map(|(option, path)| [OsString::from(option), OsString::from(path)]);
    let lines = Counter::default();
    let code = run_with(Registry::new(), [OsString::from("read")].into_iter().chain(arguments), lines.clone());
    assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::SUCCESS));
    lines.0.load(Ordering::Relaxed)
}

/// The allocations that a record costs, beyond what a read costs anyway.
fn cost(read: impl Fn(&DemoApi, usize) -> usize) -> f64 {
    // The counts are those of the process, so nothing else may run.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let api = DemoApi::start().expect("the demo API starts");
    let allocations = |total| {
        let region = Region::new(ALLOCATOR);
        let lines = read(&api, total);
        // A few lines are states and statuses.
        assert!((total..total + 1_000).contains(&lines), "{lines} lines for {total} records");
        let stats = region.change();
        stats.allocations + stats.reallocations
    };
    allocations(100_000);
    let (few, many) = (allocations(10_000), allocations(100_000));
    eprintln!("{few} allocations for 10,000 records, {many} for 100,000");
    (many as f64 - few as f64) / 90_000.0
}

#[test]
fn a_record_costs_no_allocation() {
    let cost = cost(read);
    assert!(cost < 0.5, "{cost} allocations for each record");
}

/// A manifest without transformations takes the same way: nothing of a record is made that is not needed.
#[test]
fn a_record_of_a_manifest_costs_no_allocation() {
    let cost = cost(read_manifest);
    assert!(cost < 0.5, "{cost} allocations for each record");
}
