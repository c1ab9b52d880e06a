//! Small manifests, each aimed at one component, run as the platform runs them against a scripted API.
//!
//! A folder in `manifests/` has `manifest.yaml`, `config.json`, `script.json` (see `Script::from_json`; a response with
//! `base64` instead of `body` sends these bytes), and where it needs them `catalog.json` (else all streams are read) and
//! `state.json`, `schemas/` for schemas in files. `__URL__` stands for the API's address in all of them. `expected.jsonl` says what comes of it.
//!
//! `BLESS=1` writes `expected.jsonl` anew; read what changed before it is committed.
//! `AIRBYTE_MANIFEST_COMMAND` names another program that understands the same arguments, the Python CDK's above all:
//! with `BLESS=1` it gives what the CDK says, and without it what differs.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod manifest_program;
#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod quickstart;
#[path = "manifests/transcript.rs"]
mod transcript;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use airbyte_runtime::testing::{Method, Response, Script, ScriptedApi};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use quickstart::Folder;
use serde_json::{Value, json};
use transcript::Transcript;

const URL: &str = "__URL__";

/// One test for each folder.
macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                Case::new(stringify!($name)).run();
            }
        )*

        #[test]
        fn every_folder_is_a_case() {
            let entries = fs::read_dir(folder()).expect("a folder").filter_map(Result::ok);
            let folders = entries.filter(|entry| entry.path().is_dir());
            let folders: BTreeSet<String> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
            assert_eq!(folders, BTreeSet::from([$(stringify!($name).to_owned()),*]));
        }
    };
}

cases! {
    api_budget
    archives
    async_jobs
    backfill
    bad_date_of_a_child
    catalog_defined_cursor
    client_side_and_data_feed
    combined_records
    conditional_streams
    config_migrations
    counting_cursor
    cursor_pages
    custom_components
    datetime_formats
    datetime_steps
    dynamic_streams_from_config
    dynamic_streams_from_list
    dynamic_streams_over_http
    error_handlers
    failure_tolerance
    file_uploader
    incremental_parent
    jwt
    legacy_session
    legacy_state
    list_and_cartesian_routers
    literals
    multiple_tokens
    normalization
    oauth
    oauth_flow
    oauth_single_use
    offset_increment
    page_increment
    page_sizes
    per_partition_cursor
    query_properties
    record_filters
    record_selection
    refused_config
    refs_and_parameters
    request_bodies
    request_path
    retries
    schemas
    session_token
    state_delegating
    stream_groups
    stream_groups_of_a_parent
    static_authenticators
    substreams
    text_decoders
    transformations
    undescribed_child
    truncated_and_embedded_lists
    union_and_grouping_routers
    windows_and_resets
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests")
}

/// A folder, and what was said of it so far.
struct Case {
    folder: PathBuf,
    transcript: Transcript,
}

impl Case {
    fn new(name: &str) -> Self {
        Self { folder: folder().join(name), transcript: Transcript::default() }
    }

    fn run(mut self) {
        self.command("spec", None);
        self.command("check", None);
        let discovered = self.command("discover", None);
        let catalog = match self.text("catalog.json") {
            Some(catalog) => serde_json::from_str(&catalog).expect("catalog.json is JSON"),
            None => configured(&discovered),
        };
        self.command("read", Some(&catalog));
        self.compare();
    }

    /// Runs a command against an API of its own and adds what came of it to the transcript.
    fn command(&mut self, command: &str, catalog: Option<&Value>) -> Vec<Value> {
        let api = script(&self.text("script.json").expect("script.json")).start();
        let files = Folder::new();
        let insert = |text: String| text.replace(URL, &api.url());
        let file = |name: &str| self.text(name).map(|text| files.file(name, insert(text)));
        let mut arguments = vec![command.to_owned()];
        arguments.extend(["--manifest-path".to_owned(), file("manifest.yaml").expect("manifest.yaml")]);
        let config = file("config.json").expect("config.json");
        self.copy_schemas(&files);
        if command != "spec" {
            arguments.extend(["--config".to_owned(), config.clone()]);
        }
        if let Some(catalog) = catalog {
            arguments.extend(["--catalog".to_owned(), files.file("catalog.json", insert(catalog.to_string()))]);
            let state = file("state.json");
            arguments.extend(state.into_iter().flat_map(|state| ["--state".to_owned(), state]));
        }
        let staging = files.path("staging");
        fs::create_dir_all(&staging).expect("a folder");
        let (succeeded, messages) = self.start(&arguments, &api, &staging);
        let said = self.transcript.add(command, succeeded, &messages, &api);
        let complaints = api.complaints();
        assert!(complaints.is_empty(), "{command}: {complaints:#?}\n{said}");
        messages
    }

    /// Puts the files of schemas beside the manifest.
    fn copy_schemas(&self, files: &Folder) {
        let Ok(schemas) = fs::read_dir(self.folder.join("schemas")) else { return };
        fs::create_dir(files.path("schemas")).expect("a folder");
        for schema in schemas.filter_map(Result::ok) {
            let name = schema.file_name();
            let name = name.to_str().expect("UTF-8");
            files.file(&format!("schemas/{name}"), fs::read_to_string(schema.path()).expect("a schema"));
        }
    }

    /// Runs a program to its end: whether it succeeded, and its messages with the API's address taken out and with what
    /// is in the files that they name.
    fn start(&self, arguments: &[String], api: &ScriptedApi, staging: &str) -> (bool, Vec<Value>) {
        let mut program = match std::env::var("AIRBYTE_MANIFEST_COMMAND") {
            Ok(line) => {
                let mut words = line.split_whitespace();
                let mut program = Command::new(words.next().expect("a program"));
                program.args(words);
                program
            }
            Err(_) => Command::new(manifest_program::program()),
        };
        program.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        program.env("AIRBYTE_STAGING_DIRECTORY", staging);
        let began = Instant::now();
        let mut process = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut stdout = process.stdout.take().expect("a pipe");
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).map(|_| text)
        });
        let (status, stderr) = quickstart::end(process, began);
        let stdout = reader.join().expect("a reader").expect("messages are UTF-8").replace(&api.url(), URL);
        let mut messages: Vec<Value> = stdout.lines().map(quickstart::parse).collect();
        messages.iter_mut().for_each(|message| transcript::open_file(message, staging));
        if std::env::var_os("AIRBYTE_MANIFEST_COMMAND").is_none() {
            assert_eq!(stderr, "", "{arguments:?}");
        }
        (status.success(), messages)
    }

    fn compare(&self) {
        let path = self.folder.join("expected.jsonl");
        let actual = self.transcript.to_string();
        if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
            fs::write(&path, actual).expect("expected.jsonl is written");
            return;
        }
        let expected = self.text("expected.jsonl").unwrap_or_default();
        let (actual, expected) = (transcript::parse(&actual), transcript::parse(&expected));
        let missing: Vec<_> = expected.iter().filter(|line| !actual.contains(line)).map(Value::to_string).collect();
        let extra: Vec<_> = actual.iter().filter(|line| !expected.contains(line)).map(Value::to_string).collect();
        assert!(
            missing.is_empty() && extra.is_empty() && actual.len() == expected.len(),
            "{}\nexpected, but not there:\n  {}\nthere, but not expected:\n  {}",
            path.display(),
            missing.join("\n  "),
            extra.join("\n  "),
        );
    }

    /// A file of the folder, if it is there.
    fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(name)).ok()
    }
}

/// A configured catalog of all the streams that were discovered.
fn configured(messages: &[Value]) -> Value {
    let catalogs = messages.iter().filter_map(|message| message.pointer("/catalog/streams")?.as_array());
    let streams: Vec<Value> = catalogs
        .flatten()
        .map(|stream| json!({"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}))
        .collect();
    json!({ "streams": streams })
}

/// A script in which some responses may be `{"base64": "…"}`.
fn script(text: &str) -> Script {
    let rules: Vec<Value> = serde_json::from_str(text).unwrap_or_else(|error| panic!("script.json: {error}"));
    let (bytes, rules): (Vec<_>, Vec<_>) =
        rules.into_iter().partition(|rule| rule.pointer("/response/base64").is_some());
    let script = Script::from_json(&Value::Array(rules).to_string()).unwrap_or_else(|error| panic!("{error}"));
    bytes.iter().fold(script, |script, rule| {
        let body = BASE64_STANDARD.decode(rule["response"]["base64"].as_str().expect("text")).expect("base64");
        script.on(Method::GET, rule["request"]["path"].as_str().expect("a path")).reply(Response::new(200).body(body))
    })
}
