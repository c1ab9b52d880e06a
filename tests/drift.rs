//! Records that are not what the schema says: noticed, told once for each field, kept, left out or refused.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod quickstart;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use airbyte_runtime::manifest::{Registry, run_with as run_manifest};
use airbyte_runtime::plan::Slice;
use airbyte_runtime::prelude::*;
use airbyte_runtime::testing::{Response, Server};
use quickstart::Folder;
use serde_json::{Map, Value, json};

/// One page of issues, read in several ways.
#[source(
    base_url = "{config.base_url}",
    streams = [Issue, Kept, Declared, Refused, Open, Listed, Long],
    concurrency = 1
)]
struct Tracker {
    /// Where the API is.
    base_url: String,
}

/// What is declared of an issue.
#[stream(source = Tracker, path = "/issues", primary_key = id)]
struct Issue {
    id: u64,
    title: String,
    score: Option<f64>,
    user: Option<User>,
    labels: Vec<Label>,
    state: State,
}

#[record]
struct User {
    login: String,
}

#[record]
struct Label {
    name: Option<String>,
}

#[record]
#[serde(rename_all = "snake_case")]
enum State {
    Open,
    Closed,
}

/// The default, written out.
#[stream(source = Tracker, path = "/issues", undeclared = keep)]
struct Kept {
    id: u64,
}

/// Only what is declared.
#[stream(source = Tracker, path = "/issues", undeclared = drop)]
struct Declared {
    id: u64,
    user: Option<User>,
    labels: Vec<Label>,
}

/// Nothing else than what is declared.
#[stream(source = Tracker, path = "/{partition.part}", partition = list(part = ["whole", "issues"]), undeclared = reject)]
struct Refused {
    id: u64,
}

/// Takes whatever comes.
#[stream(source = Tracker, path = "/issues", undeclared = reject)]
struct Open {
    id: u64,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// From a function.
#[stream(source = Tracker, read = list)]
struct Listed {
    id: u64,
    title: Json,
}

async fn list(_: &Tracker, _: &Slice, records: &mut airbyte_runtime::plan::Records<'_, Listed>) -> Result<()> {
    records.push(Listed { id: 1, title: json!("sound") }).await?;
    records.push(Listed { id: 2, title: json!(null) }).await
}

/// More records than are looked at one by one.
#[stream(source = Tracker, path = "/long")]
struct Long {
    id: u64,
}

/// Three issues; the second and the third are not what is declared.
const ISSUES: &str = r#"[
    {"id": 1, "title": "a", "score": 1, "user": {"login": "ann"}, "labels": [{"name": "x"}], "state": "open"},
    {"id": 2, "title": null, "score": "high", "user": {"login": null, "site": "s3cret"}, "labels": [{"name": "x", "color": 1}, {"color": 2}],
     "state": 5, "closed_by": {"login": "s3cret"}},
    {"id": 3.5, "title": "c", "score": null, "user": null, "labels": [{"color": 3}, "s3cret"], "state": "open", "closed_by": null}
]"#;

/// How many records `/long` has.
const LONG: usize = 250 + 127 * 10;

fn api() -> Server {
    let server = Server::start(|request| match request.path.as_str() {
        "/issues" => Response::new(200).body(ISSUES),
        "/whole" => Response::new(200).body(r#"[{"id": 1}, {"id": 2}]"#),
        "/long" => Response::new(200).body(format!("[{}]", vec![r#"{"id":1,"new":2}"#; LONG].join(","))),
        "/fields" => Response::new(200)
            .body(r#"{"fields": [{"name": "id", "type": "integer"}, {"name": "title", "type": "string"}]}"#),
        _ => Response::new(404),
    });
    server.expect("a free port")
}

/// Stdout.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a read said.
struct Reading {
    messages: Vec<Value>,
    text: String,
    failed: bool,
}

/// Runs `read` of streams. The log is the process's, so that one runs after the other.
fn read(streams: &[&str], files: &[(&str, &str)], run: impl FnOnce(Vec<OsString>, Lines) -> ExitCode) -> Reading {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (api, folder, lines) = (api(), Folder::new(), Lines::default());
    let stream = |name: &&str| json!({"stream": {"name": name, "json_schema": {}}, "sync_mode": "full_refresh"});
    let catalog = json!({"streams": streams.iter().map(stream).collect::<Vec<_>>()});
    let mut arguments: Vec<OsString> = vec!["read".into()];
    let config = folder.file("config.json", json!({"base_url": api.url()}));
    for (option, path) in [("--config", config), ("--catalog", folder.file("catalog.json", catalog))] {
        arguments.extend([option.into(), path.into()]);
    }
    for (option, text) in files {
        arguments.extend([OsString::from(option), folder.file("manifest.yaml", text).into()]);
    }
    let code = run(arguments, lines.clone());
    let text = String::from_utf8(lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).expect("UTF-8");
    let messages = text.lines().map(|line| serde_json::from_str(line).expect("a message")).collect();
    Reading { messages, text, failed: format!("{code:?}") != format!("{:?}", ExitCode::SUCCESS) }
}

fn read_structs(stream: &str) -> Reading {
    read(&[stream], &[], airbyte_runtime::run_with::<Tracker>)
}

impl Reading {
    /// The warnings, without the name of the stream and what is the same in all of them.
    fn warnings(&self) -> Vec<String> {
        let logs = self.messages.iter().filter(|message| message["log"]["level"] == "WARN");
        let texts =
            logs.filter_map(|message| message["log"]["message"].as_str()?.split_once("`: ").map(|(_, text)| text));
        texts.map(|text| text.trim_end_matches(" records that were looked at").to_owned()).collect()
    }

    /// The bytes of the records.
    fn records(&self) -> Vec<&str> {
        let records = self.text.lines().filter(|line| line.starts_with(r#"{"type":"RECORD""#));
        let data = records.filter_map(|line| line.split_once("\"data\":")?.1.rsplit_once(",\"emitted_at\":"));
        data.map(|(data, _)| data).collect()
    }

    fn last_status(&self) -> &str {
        let mut statuses =
            self.messages.iter().filter_map(|message| message.pointer("/trace/stream_status/status")?.as_str());
        statuses.next_back().unwrap_or_default()
    }
}

#[test]
fn each_drift_is_told_once_with_its_count() {
    let reading = read_structs("issue");
    assert_eq!(
        reading.warnings(),
        [
            "`title` is declared as string, and was found as null, in 1 of the 3",
            "`score` is declared as null or number, and was found as string, in 1 of the 3",
            "`user.login` is declared as string, and was found as null, in 1 of the 3",
            "`user.site` is not declared in the schema, and was found as string, in 1 of the 3",
            // Three labels, but two records.
            "`labels[].color` is not declared in the schema, and was found as integer, in 2 of the 3",
            "`state` is declared as string, and was found as integer, in 1 of the 3",
            "`closed_by` is not declared in the schema, and was found as object, in 2 of the 3",
            "`id` is declared as integer, and was found as number, in 1 of the 3",
            "`labels[]` is declared as object, and was found as string, in 1 of the 3",
        ]
    );
    let logs = reading.messages.iter().filter(|message| message["type"] == "LOG");
    assert!(logs.into_iter().all(|log| !log.to_string().contains("s3cret")), "values are nobody's business");
    assert!(!reading.failed);
}

#[test]
fn what_is_not_declared_is_kept_as_it_came() {
    let reading = read_structs("kept");
    assert_eq!(
        reading.records()[0],
        r#"{"id":1,"title":"a","score":1,"user":{"login":"ann"},"labels":[{"name":"x"}],"state":"open"}"#
    );
    assert_eq!(reading.warnings().len(), 7, "six fields that are not declared, and an id that is no integer");
}

#[test]
fn what_is_not_declared_is_left_out_at_every_depth() {
    let reading = read_structs("declared");
    assert_eq!(
        reading.records(),
        [
            r#"{"id":1,"user":{"login":"ann"},"labels":[{"name":"x"}]}"#,
            r#"{"id":2,"user":{"login":null},"labels":[{"name":"x"},{}]}"#,
            r#"{"id":3.5,"user":null,"labels":[{},"s3cret"]}"#,
        ]
    );
    let warnings = reading.warnings();
    assert!(warnings.iter().any(|warning| warning.starts_with("`labels[].color` is not declared")), "{warnings:?}");
}

#[test]
fn a_field_that_is_refused_ends_the_stream() {
    let reading = read_structs("refused");
    assert_eq!(reading.records(), [r#"{"id":1}"#, r#"{"id":2}"#]);
    assert_eq!(reading.last_status(), "INCOMPLETE");
    assert!(reading.failed);
    let error = reading.messages.iter().find_map(|message| message.pointer("/trace/error")).expect("an error");
    assert_eq!(
        error["message"],
        "a record has the field `title` (string), which is not declared, and the stream refuses such fields; \
         declare it, or write `undeclared = keep` or `undeclared = drop`"
    );
    assert_eq!(error["failure_type"], "system_error");
}

#[test]
fn a_struct_that_takes_the_rest_declares_everything() {
    let reading = read_structs("open");
    assert_eq!(reading.records().len(), 3);
    assert_eq!(reading.warnings(), ["`id` is declared as integer, and was found as number, in 1 of the 3"]);
}

#[test]
fn records_of_a_function_are_looked_at_too() {
    // `Json` may be anything.
    assert_eq!(read_structs("listed").warnings(), [""; 0]);
}

#[test]
fn of_a_long_stream_one_in_127_is_looked_at() {
    let reading = read_structs("long");
    assert_eq!(reading.records().len(), LONG);
    assert_eq!(
        reading.warnings(),
        ["`new` is not declared in the schema, and was found as integer, in 260 of the 260"]
    );
}

/// A manifest with one stream of the same issues.
fn manifest(undeclared: &str, schema_loader: &str) -> String {
    format!(
        r#"
version: 7.0.0
type: DeclarativeSource
check: {{type: CheckStream, stream_names: [issues]}}
streams:
  - type: DeclarativeStream
    name: issues
    {undeclared}
    schema_loader: {schema_loader}
    retriever:
      type: SimpleRetriever
      requester: {{type: HttpRequester, url_base: "{{{{ config['base_url'] }}}}", path: issues}}
      record_selector: {{type: RecordSelector, extractor: {{type: DpathExtractor, field_path: []}}}}
spec: {{type: Spec, connection_specification: {{type: object, properties: {{}}}}}}
"#
    )
}

const INLINE: &str = r#"{type: InlineSchemaLoader, schema: {type: object, additionalProperties: true, properties: {
    id: {type: integer}, title: {type: string}, user: {type: [object, "null"]}, labels: {type: array, items: {type: object}}}}}"#;
const DYNAMIC: &str = r#"{type: DynamicSchemaLoader, schema_type_identifier: {key_pointer: [name], type_pointer: [type], schema_pointer: [fields]},
    retriever: {type: SimpleRetriever, requester: {type: HttpRequester, url_base: "{{ config['base_url'] }}", path: fields},
        record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}}}"#;

fn read_manifest(manifest: &str) -> Reading {
    read(&["issues"], &[("--manifest-path", manifest)], |arguments, out| run_manifest(Registry::new(), arguments, out))
}

/// What most manifests allow and none means: of an object that has properties, others are news.
#[test]
fn a_manifest_s_schema_is_held_against_its_records() {
    let reading = read_manifest(&manifest("", INLINE));
    assert_eq!(
        reading.warnings(),
        [
            "`score` is not declared in the schema, and was found as integer, in 2 of the 3",
            "`state` is not declared in the schema, and was found as string, in 3 of the 3",
            "`closed_by` is not declared in the schema, and was found as object, in 1 of the 3",
            "`id` is declared as integer, and was found as number, in 1 of the 3",
            "`labels[]` is declared as object, and was found as string, in 1 of the 3",
        ]
    );
}

#[test]
fn a_manifest_leaves_out_or_refuses_what_is_not_declared() {
    let reading = read_manifest(&manifest("undeclared: drop", INLINE));
    assert_eq!(reading.records()[2], r#"{"id":3.5,"title":"c","labels":[{"color":3},"s3cret"]}"#);
    let reading = read_manifest(&manifest("undeclared: reject", INLINE));
    assert_eq!((reading.records().len(), reading.last_status()), (0, "INCOMPLETE"));
}

#[test]
fn a_schema_that_the_api_describes_is_held_against_the_records() {
    let reading = read_manifest(&manifest("undeclared: drop", DYNAMIC));
    assert_eq!(
        reading.records(),
        [r#"{"id":1,"title":"a"}"#, r#"{"id":2}"#, r#"{"id":3.5,"title":"c"}"#],
        "{}",
        reading.text
    );
}
