//! What long bodies cost: however long one is, the memory of a read stays small.
//!
//! `BODY_MB=1024 cargo test -p airbyte-tests --test long_bodies -- --nocapture` reads bodies of a gigabyte.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Response, Server};
use airbyte_runtime::{Batch, Connector};
use serde_json::json;

/// One long file in every format.
#[source(base_url = "{config.base_url}", streams = [Document, PackedDocument, PackedLines, PackedTable, Attachment])]
struct Files {
    /// Where the API is.
    base_url: String,
}

#[stream(source = Files, path = "/document", records = "data")]
struct Document {
    id: u64,
}

#[stream(source = Files, path = "/packed_document", records = "data", decoder = gzip(json()))]
struct PackedDocument {
    id: u64,
}

#[stream(source = Files, path = "/packed_lines", decoder = gzip(json_lines()))]
struct PackedLines {
    id: u64,
}

#[stream(source = Files, path = "/packed_table", decoder = gzip(csv()))]
struct PackedTable {
    id: u64,
}

/// A file for each record.
#[stream(
    source = Files, name = "long_attachments", path = "/attachments",
    files  = download(get("/file/{record.id}"), name = "{record.id}", max_size = 2_000_000_000),
)]
struct Attachment {
    id: u64,
}

/// The memory is the whole process's, so one test runs after the other.
static TURN: Mutex<()> = Mutex::new(());

/// Writes `start`, then rows until there are so many megabytes, then `end`. Returns the number of rows.
fn write(out: &mut impl Write, megabytes: usize, start: &str, row: impl Fn(u64) -> String, end: &str) -> u64 {
    let mut bytes = 0;
    let mut rows = 0;
    out.write_all(start.as_bytes()).expect("memory has room");
    while bytes < megabytes << 20 {
        rows += 1;
        let row = row(rows);
        bytes += row.len();
        out.write_all(row.as_bytes()).expect("memory has room");
    }
    out.write_all(end.as_bytes()).expect("memory has room");
    rows
}

/// A number from `/proc/self/status`, in megabytes.
fn status(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim_matches(|other: char| !other.is_ascii_digit()).parse::<usize>().unwrap_or(0) / 1024
}

/// Reads the only page of a stream; returns the number of records, and by how much the memory grew at most.
fn read(stream: &str, body: Vec<u8>) -> (u64, usize) {
    let body = bytes::Bytes::from(body);
    let server = Server::start(move |request| match request.path.as_str() {
        "/attachments" => Response::new(200).body(r#"[{"id":1},{"id":2},{"id":3}]"#),
        _ => Response::new(200).body(body.clone()),
    });
    let server = server.expect("a free port");
    let connector = Connector::<Files>::new(json!({ "base_url": server.url() }));
    // From here on the peak is that of the read.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = status("VmRSS:");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut records = 0;
    runtime.block_on(async {
        let mut messages = connector.read(json!({"streams": [{
            "stream": {"name": stream, "json_schema": {}}, "sync_mode": "full_refresh",
        }]}));
        while let Some(batch) = messages.next().await {
            if let Batch::Records(lines) = batch.expect("the read succeeds") {
                records += lines.iter().filter(|byte| **byte == b'\n').count() as u64;
            }
        }
    });
    (records, status("VmHWM:").saturating_sub(before))
}

#[test]
fn a_long_body_takes_little_memory() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let megabytes = std::env::var("BODY_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(64);
    let object = |id: u64| format!("{{\"id\":{id},\"name\":\"name {id}\",\"text\":\"{}\"}}", "x".repeat(60));
    let gzip = || flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let listed = |id: u64| if id == 1 { object(id) } else { format!(",{}", object(id)) };

    let mut document = Vec::new();
    let rows = write(&mut document, megabytes.min(109), "{\"data\":[", listed, "]}");
    let mut bodies = vec![("document", document, rows)];
    let mut document = gzip();
    let rows = write(&mut document, megabytes, "{\"data\":[", listed, "]}");
    bodies.push(("packed_document", document.finish().expect("memory has room"), rows));
    let mut lines = gzip();
    let rows = write(&mut lines, megabytes, "", |id| object(id) + "\n", "");
    bodies.push(("packed_lines", lines.finish().expect("memory has room"), rows));
    let mut table = gzip();
    let row = |id: u64| format!("{id},name {id},{}\n", "x".repeat(80));
    let rows = write(&mut table, megabytes, "id,name,text\n", row, "");
    bodies.push(("packed_table", table.finish().expect("memory has room"), rows));

    for (stream, body, rows) in bodies {
        let length = body.len() >> 20;
        let (records, grown) = read(stream, body);
        eprintln!(
            "{stream}: {megabytes} MB of data, {length} MB on the wire, {records} records, {grown} MB more memory"
        );
        assert_eq!(records, rows, "{stream}");
        // Of the allowed 64 MB, 16 are the queue to stdout.
        assert!(grown < 48, "{stream}: the memory grew by {grown} MB");
    }
}

#[test]
fn a_long_file_takes_little_memory() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let megabytes: usize = std::env::var("BODY_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(64);
    let (records, grown) = read("long_attachments", vec![b'x'; megabytes << 20]);
    eprintln!("three files of {megabytes} MB at a time, {grown} MB more memory");
    assert_eq!(records, 3);
    assert!(grown < 32, "the memory grew by {grown} MB");
    let _ = std::fs::remove_dir_all(std::env::temp_dir().join("airbyte-file-transfer").join("long_attachments"));
}
