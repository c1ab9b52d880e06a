//! Files that come along with records: where they are, what they are called, and what becomes of those that cannot be
//! had.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Request, Response, Server};
use airbyte_runtime::{Batch, Connector, Error};
use serde_json::{Value, json};

/// Documents, each with a file.
#[source(
    base_url    = "{config.base_url}",
    auth        = bearer(config.token),
    headers     = { "X-Version" = "2" },
    backoff     = constant("PT0.01S"),
    concurrency = config.requests,
    streams     = [Document, Page, Unnamed, Lenient, Small, Away, Report],
)]
struct Library {
    /// Where the API is.
    base_url: String,
    /// Who asks.
    token: Secret,
    /// Requests at one time.
    requests: u32,
}

/// An address in the record, and a name made of two fields.
#[stream(
    source  = Library,
    name    = "file test documents",
    path    = "/documents",
    records = "items",
    files   = download(get("{record.content_url}"), name = "{record.folder}/{record.title}"),
    primary_key = id,
)]
struct Document {
    id: u64,
    folder: Option<String>,
    #[serde(rename = "fileName")]
    title: Option<String>,
    content_url: Option<String>,
}

/// A path of its own, in several pages; the partition and the record go into the request.
#[stream(
    source    = Library,
    name      = "file test pages",
    path      = "/{partition.shelf}/pages",
    partition = list(shelf = ["a", "b"]),
    paginator = page_increment(page_size = 2),
    cursor    = datetime(at, start = "2024-01-01"),
    files     = download(
        post("/render/{partition.shelf}", body = { page = "{record.id}", since = "{interval.start}" }),
        name = "{partition.shelf}/{record.id}.txt",
    ),
    transform = tidy,
)]
struct Page {
    id: u64,
    at: Timestamp,
}

fn tidy(page: &mut Page) {
    page.id += 100;
}

#[stream(source = Library, name = "file test unnamed", path = "/documents", records = "items", files = download(get("{record.content_url}")))]
struct Unnamed {
    id: u64,
    content_url: Option<String>,
}

#[stream(
    source        = Library,
    name          = "file test lenient",
    path          = "/documents",
    records       = "items",
    files         = download(get("{record.content_url}"), name = "{record.id}"),
    error_handler = [status(404) => ignore],
)]
struct Lenient {
    id: u64,
    content_url: Option<String>,
}

#[stream(
    source  = Library,
    name    = "file test small",
    path    = "/documents",
    records = "items",
    files   = download(get("{record.content_url}"), name = "{record.id}", max_size = 100_000),
)]
struct Small {
    id: u64,
    content_url: Option<String>,
}

/// Files of another host, with the stream's credentials.
#[stream(
    source  = Library,
    name    = "file test away",
    path    = "/documents",
    records = "items",
    files   = download(get("/raw/{record.id}", query = { v = 1 }), base_url = "{config.base_url}/files", name = "{record.id}"),
)]
struct Away {
    id: u64,
}

/// What a job has made, with a file for each record.
#[stream(
    source = Library,
    name   = "file test reports",
    job    = async_job(
        create    = post("/exports"),
        keep      = { id = "id" },
        poll      = get("/exports/{job.id}"),
        completed = ["done"],
        targets   = "url",
        poll_interval = "PT0.01S",
    ),
    files  = download(get("/files/{record.id}"), name = "{record.id}"),
)]
struct Report {
    id: u64,
}

/// An API, and what was asked of it.
struct Api {
    server: Server,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Api {
    fn start(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let log = Arc::clone(&asked);
        let server = Server::start(move |request| {
            let response = answer(&request);
            log.lock().expect("no panic").push(request);
            response
        });
        Self { server: server.expect("a free port"), asked }
    }

    /// An API with these documents, whose files are what `file` makes of their path.
    fn of_documents(items: Value, file: impl Fn(&str) -> Response + Send + Sync + 'static) -> Self {
        Self::start(move |request| match request.path.as_str() {
            "/documents" => Response::json(200, &json!({ "items": items })),
            path => file(path),
        })
    }

    fn asked(&self, start: &str) -> Vec<Request> {
        let asked = self.asked.lock().expect("no panic");
        asked.iter().filter(|request| request.path.starts_with(start)).cloned().collect()
    }
}

/// What a read said: the records with their files, and how it ended.
struct Reading {
    records: Vec<Value>,
    error: Option<Error>,
    statuses: Vec<String>,
}

impl Reading {
    fn file(&self, id: u64) -> Option<&Value> {
        let record = self.records.iter().find(|record| record["data"]["id"] == id).expect("a record");
        record.get("file_reference")
    }

    /// What the file of a record holds; it is where the record says, and as long as it says.
    fn content(&self, id: u64) -> String {
        let file = self.file(id).expect("a file");
        let (url, path) = (&file["staging_file_url"], &file["source_file_relative_path"]);
        let (url, path) = (url.as_str().expect("text"), path.as_str().expect("text"));
        assert!(Path::new(url).starts_with(staging()) && url.ends_with(path), "{url} {path}");
        let content = std::fs::read(url).expect("a file");
        assert_eq!(file["file_size_bytes"], content.len());
        String::from_utf8(content).expect("text")
    }

    fn path(&self, id: u64) -> &str {
        self.file(id).expect("a file")["source_file_relative_path"].as_str().expect("text")
    }
}

/// Where files go on a machine without the platform.
fn staging() -> std::path::PathBuf {
    std::env::temp_dir().join("airbyte-file-transfer")
}

fn read(api: &Api, stream: &str, requests: u32, include_files: Value) -> Reading {
    let config = json!({"base_url": api.server.url(), "token": "secret-token", "requests": requests});
    let connector = Connector::<Library>::new(config);
    let catalog = json!({"streams": [{
        "stream": {"name": stream, "json_schema": {}}, "sync_mode": "incremental", "include_files": include_files,
    }]});
    let mut reading = Reading { records: Vec::new(), error: None, statuses: Vec::new() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let listen = async {
        let mut messages = connector.read(catalog);
        while let Some(batch) = messages.next().await {
            match batch {
                Ok(Batch::Records(lines)) => {
                    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                        let message: Value = serde_json::from_slice(line).expect("JSON");
                        reading.records.push(message["record"].clone());
                    }
                }
                Ok(Batch::Message(message)) => {
                    let status = message.pointer("/trace/stream_status/status").and_then(Value::as_str);
                    reading.statuses.extend(status.map(str::to_owned));
                }
                Err(error) => reading.error = Some(error),
            }
        }
    };
    let ended = runtime.block_on(async { tokio::time::timeout(std::time::Duration::from_secs(180), listen).await });
    ended.expect("the read ends");
    reading
}

fn document(id: u64, folder: &str, name: &str) -> Value {
    json!({"id": id, "folder": folder, "fileName": name, "content_url": format!("/files/{id}")})
}

/// What a file is about.
fn text(path: &str) -> Response {
    Response::new(200).body(format!("the file at {path}"))
}

#[test]
fn a_record_names_its_file() {
    for requests in [1, 4] {
        let api = Api::of_documents(
            json!([
                document(1, "2024/may", "report.pdf"),
                document(2, "2024", "ü b.txt"),
                {"id": 3, "folder": "2024", "fileName": "none", "content_url": null},
                {"id": 4, "folder": "2024", "fileName": null, "content_url": "/files/4"},
            ]),
            text,
        );
        let reading = read(&api, "file test documents", requests, Value::Null);
        assert!(reading.error.is_none(), "{:?}", reading.error);
        let ids: Vec<&Value> = reading.records.iter().map(|record| &record["data"]["id"]).collect();
        assert_eq!(ids, [1, 2, 3, 4]);
        assert_eq!(reading.path(1), "file test documents/2024/may/report.pdf");
        assert_eq!(reading.path(2), "file test documents/2024/ü b.txt");
        assert_eq!(reading.content(1), "the file at /files/1");
        assert_eq!(reading.content(2), "the file at /files/2");
        assert!(reading.file(3).is_none(), "a record without an address has no file");
        assert_eq!(reading.content(4), "the file at /files/4");
        for request in api.asked("/files/") {
            let header = |name| request.header(name).unwrap_or_default().to_owned();
            assert_eq!(
                [header("authorization"), header("x-version"), header("accept")],
                ["Bearer secret-token", "2", "*/*"]
            );
        }
    }
}

#[test]
fn names_lead_nowhere_else_and_belong_to_one_file() {
    let long = "x".repeat(400);
    let api = Api::of_documents(
        json!([
            document(11, "../../..", "etc/passwd"),
            document(12, "/etc", "pass\u{0}wd"),
            document(13, ".", &long),
            document(14, "twice", "same"),
            document(15, "twice", "same"),
            document(16, "twice/same", "inside"),
        ]),
        text,
    );
    let reading = read(&api, "file test documents", 1, json!(true));
    assert!(reading.error.is_none(), "{:?}", reading.error);
    for id in 11..=16 {
        assert_eq!(reading.content(id), format!("the file at /files/{id}"));
    }
    assert_eq!(reading.path(11), "file test documents/_/_/_/etc/passwd");
    assert_eq!(reading.path(12), "file test documents/etc/pass_wd");
    assert!(reading.path(13).len() < 300);
    assert_eq!(reading.path(14), reading.path(15));
    assert_ne!(
        reading.file(14).expect("a file")["staging_file_url"],
        reading.file(15).expect("a file")["staging_file_url"]
    );
}

#[test]
fn a_file_without_a_name_gets_one_by_chance() {
    let api = Api::of_documents(json!([document(1, "", ""), document(2, "", "")]), text);
    let reading = read(&api, "file test unnamed", 2, json!(true));
    let paths: BTreeSet<&str> = [1, 2].map(|id| reading.path(id)).into();
    assert_eq!(paths.len(), 2);
    assert!(paths.iter().all(|path| path.len() == "file test unnamed/".len() + 36), "{paths:?}");
    assert_eq!(reading.content(2), "the file at /files/2");
}

#[test]
fn files_that_nobody_wants_are_not_fetched() {
    let api = Api::of_documents(json!([document(1, "a", "b")]), text);
    let reading = read(&api, "file test documents", 2, json!(false));
    assert_eq!(reading.records.len(), 1);
    assert!(reading.file(1).is_none());
    assert!(api.asked("/files/").is_empty());
}

#[test]
fn a_request_may_say_more_than_an_address() {
    for requests in [1, 3] {
        let api = Api::start(|request| match (request.path.as_str(), request.query_param("page")) {
            ("/render/a" | "/render/b", _) => Response::new(200).body(request.body.clone()),
            (_, None | Some("1")) => Response::json(
                200,
                &json!([{"id": 1, "at": "2024-02-01T00:00:00Z"}, {"id": 2, "at": "2024-02-02T00:00:00Z"}]),
            ),
            _ => Response::json(200, &json!([{"id": 3, "at": "2024-02-03T00:00:00Z"}])),
        });
        let reading = read(&api, "file test pages", requests, json!(true));
        assert!(reading.error.is_none(), "{:?}", reading.error);
        assert_eq!(reading.records.len(), 6);
        let mut paths: Vec<String> = Vec::new();
        for record in &reading.records {
            let file = &record["file_reference"];
            let content = std::fs::read(file["staging_file_url"].as_str().expect("text")).expect("a file");
            let content: Value = serde_json::from_slice(&content).expect("JSON");
            // The record that leaves is what counts, after its transformation.
            assert_eq!(content["page"], record["data"]["id"]);
            assert!(content["since"].as_str().is_some_and(|since| since.starts_with("2024-01-01")), "{content}");
            paths.push(file["source_file_relative_path"].as_str().expect("text").to_owned());
        }
        paths.sort();
        let expected = ["a/101", "a/102", "a/103", "b/101", "b/102", "b/103"];
        assert_eq!(paths, expected.map(|name| format!("file test pages/{name}.txt")));
    }
}

#[test]
fn a_file_that_is_ignored_leaves_its_record_alone() {
    let api = Api::of_documents(json!([document(1, "", ""), document(2, "", "")]), |path| match path {
        "/files/1" => Response::new(404),
        path => text(path),
    });
    let reading = read(&api, "file test lenient", 2, json!(true));
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert!(reading.file(1).is_none());
    assert_eq!(reading.content(2), "the file at /files/2");
}

#[test]
fn a_file_that_cannot_be_had_fails_behind_the_records_before_it() {
    let api = Api::of_documents(json!([document(1, "f", "1"), document(2, "f", "2"), document(3, "f", "3")]), |path| {
        match path {
            "/files/2" => Response::new(404),
            path => text(path),
        }
    });
    let reading = read(&api, "file test documents", 3, json!(true));
    assert_eq!(reading.records.len(), 1);
    assert_eq!(reading.content(1), "the file at /files/1");
    assert_eq!(reading.statuses.last().map(String::as_str), Some("INCOMPLETE"));
    let error = reading.error.expect("an error");
    assert!(error.message().contains("the file of a record: the API does not know"), "{}", error.message());
}

#[test]
fn a_file_that_breaks_off_is_fetched_again() {
    let tries = AtomicU32::new(0);
    let long = "0123456789".repeat(30_000);
    let body = long.clone();
    let api = Api::of_documents(json!([document(1, "again", "file")]), move |_| {
        let whole = Response::new(200).body(body.clone());
        match tries.fetch_add(1, Ordering::Relaxed) {
            0 => Response::new(503),
            1 => whole.truncated_at(200_000),
            _ => whole,
        }
    });
    let reading = read(&api, "file test documents", 1, json!(true));
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert!(reading.content(1) == long);
    assert_eq!(api.asked("/files/").len(), 3);
    let left = std::fs::read_dir(staging()).expect("a folder").filter_map(Result::ok);
    let parts = left.filter(|entry| entry.file_name().to_string_lossy().ends_with(".part"));
    // Other tests may be writing theirs.
    assert!(parts.count() < 10);
}

#[test]
fn a_file_that_is_too_large_is_refused_with_a_sentence() {
    for is_announced in [true, false] {
        let api = Api::of_documents(json!([document(1, "", "")]), move |_| {
            let large = Response::new(200).body(vec![b'x'; 100_001]);
            if is_announced { large } else { large.gzip() }
        });
        let reading = read(&api, "file test small", 1, json!(true));
        assert!(reading.records.is_empty());
        let error = reading.error.expect("an error");
        assert_eq!(error.kind(), airbyte_runtime::ErrorKind::Config);
        assert!(error.message().contains("a file has more than 100000 bytes"), "{}", error.message());
    }
}

#[test]
fn another_host_sees_no_credentials_and_the_named_one_does() {
    let away = Api::start(|request| text(&request.path));
    let url = away.server.url().replace("127.0.0.1", "localhost");
    let api = Api::of_documents(
        json!([{"id": 1, "folder": "away", "fileName": "1", "content_url": format!("{url}/files/1")}]),
        text,
    );
    let reading = read(&api, "file test documents", 1, json!(true));
    assert_eq!(reading.content(1), "the file at /files/1");
    let [asked] = &away.asked("/")[..] else { panic!("one request") };
    assert!(asked.header("authorization").is_none() && asked.header("x-version").is_none());

    let reading = read(&api, "file test away", 1, json!(true));
    assert_eq!(reading.content(1), "the file at /files/raw/1");
    let [asked] = &api.asked("/files/raw")[..] else { panic!("one request") };
    assert_eq!((asked.header("authorization"), asked.query_param("v")), (Some("Bearer secret-token"), Some("1")));
}

#[test]
fn what_a_job_has_made_brings_its_files_along() {
    let api = Api::start(|request| match request.path.as_str() {
        "/exports" => Response::json(200, &json!({"id": 7})),
        "/exports/7" => Response::json(200, &json!({"status": "done", "url": "/results/7"})),
        "/results/7" => Response::json(200, &json!([{"id": 1}, {"id": 2}])),
        path => text(path),
    });
    let reading = read(&api, "file test reports", 1, json!(true));
    assert!(reading.error.is_none(), "{:?}", reading.error);
    assert_eq!(reading.content(2), "the file at /files/2");
}

#[test]
fn the_catalog_says_which_streams_have_files() {
    let config = json!({"base_url": "http://127.0.0.1:1", "token": "t", "requests": 1});
    let catalog = Connector::<Library>::new(config).discover().expect("a catalog").to_string();
    assert_eq!(catalog.matches("\"is_file_based\":true").count(), 7);
}
