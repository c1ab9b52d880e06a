//! The tour: starts the demo API and runs `spec`, `check`, `discover` and `read` against it in this process.
//!
//! Protocol messages go to stdout, as a platform would read them; what a person wants to know goes to stderr.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use demo_api::DemoApi;
use serde_json::{Value, json};

use crate::shop::Shop;

/// Runs the tour; its exit code is that of the first command that fails.
pub(crate) fn run() -> ExitCode {
    match tour() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("the tour cannot go on: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tour() -> std::io::Result<ExitCode> {
    let api = DemoApi::start()?;
    let folder = Folder::new()?;
    eprintln!("A demo API listens at {}; no network is needed.\n", api.url());
    let config = folder.write("config.json", &json!({"base_url": api.url(), "token": DemoApi::TOKEN}))?;

    let spec = command("spec", &[])?;
    let fields =
        spec.messages.iter().find_map(|message| message["spec"]["connectionSpecification"]["properties"].as_object());
    let fields: Vec<&str> = fields.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    eprintln!("spec       what a user fills in: {}", fields.join(", "));

    let check = command("check", &[("--config", &config)])?;
    let status =
        check.messages.iter().find_map(|message| message["connectionStatus"]["status"].as_str()).unwrap_or("no answer");
    eprintln!("check      {status}");

    let discover = command("discover", &[("--config", &config)])?;
    let streams = discover
        .messages
        .iter()
        .find_map(|message| message["catalog"]["streams"].as_array())
        .cloned()
        .unwrap_or_default();
    let names: Vec<&str> = streams.iter().filter_map(|stream| stream["name"].as_str()).collect();
    eprintln!("discover   {} streams: {}", names.len(), names.join(", "));

    let catalog = folder.write("catalog.json", &configured(streams))?;
    let began = Instant::now();
    let read = command("read", &[("--config", &config), ("--catalog", &catalog)])?;
    summary(&read, began);
    let codes = [spec.code, check.code, discover.code, read.code];
    Ok(codes.into_iter().find(|code| *code != ExitCode::SUCCESS).unwrap_or(ExitCode::SUCCESS))
}

/// Every stream, incrementally where it can be.
fn configured(streams: Vec<Value>) -> Value {
    let streams: Vec<Value> = streams
        .into_iter()
        .map(|stream| {
            let incremental =
                stream["supported_sync_modes"].as_array().is_some_and(|modes| modes.contains(&json!("incremental")));
            let mode = if incremental { "incremental" } else { "full_refresh" };
            json!({"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"})
        })
        .collect();
    json!({ "streams": streams })
}

fn summary(read: &Said, began: Instant) {
    let total: u64 = read.records.values().sum();
    eprintln!("read       {total} records in {:.2} s", began.elapsed().as_secs_f64());
    for (stream, records) in &read.records {
        let state = read.states.get(stream).map(|state| shortened(&state.to_string())).unwrap_or_default();
        eprintln!("           {stream:<12} {records:>6} records   state {state}");
    }
    eprintln!(
        "\nThe lines on stdout are Airbyte protocol messages. The connector itself is examples/quickstart/src/shop.rs."
    );
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Runs one command of the connector, as the binary would with these arguments.
fn command(name: &str, files: &[(&str, &Path)]) -> std::io::Result<Said> {
    let arguments = std::iter::once(OsString::from(name))
        .chain(files.iter().flat_map(|(option, path)| [OsString::from(option), OsString::from(path)]));
    let said = Arc::new(Mutex::new(Said::default()));
    let listener = Listener {
        said: Arc::clone(&said),
        line: Vec::new(),
        shows_progress: name == "read" && std::io::stderr().is_terminal(),
    };
    let code = airbyte_runtime::run_with::<Shop>(arguments, listener);
    let mut said = std::mem::take(&mut *said.lock().unwrap_or_else(PoisonError::into_inner));
    said.code = code;
    Ok(said)
}

/// What a command said.
#[derive(Default)]
struct Said {
    code: ExitCode,
    /// Everything but records.
    messages: Vec<Value>,
    records: BTreeMap<String, u64>,
    states: BTreeMap<String, Value>,
}

/// Passes messages on to stdout and takes notes.
struct Listener {
    said: Arc<Mutex<Said>>,
    /// A line that is not complete yet.
    line: Vec<u8>,
    shows_progress: bool,
}

impl Write for Listener {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        std::io::stdout().write_all(bytes)?;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                said.note(&self.line);
                self.line.clear();
            }
        }
        if self.shows_progress {
            let total: u64 = said.records.values().sum();
            eprint!("\rread       {total} records …  \r");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stdout().flush()
    }
}

impl Said {
    fn note(&mut self, line: &[u8]) {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { return };
        match message["type"].as_str() {
            Some("RECORD") => {
                let stream = message["record"]["stream"].as_str().unwrap_or_default().to_owned();
                *self.records.entry(stream).or_default() += 1;
            }
            Some("STATE") => {
                let stream = &message["state"]["stream"];
                let name = stream["stream_descriptor"]["name"].as_str().unwrap_or_default().to_owned();
                self.states.insert(name, stream["stream_state"].clone());
            }
            _ => self.messages.push(message),
        }
    }
}

/// A folder that goes with the tour.
struct Folder(PathBuf);

impl Folder {
    fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("airbyte-quickstart-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn write(&self, name: &str, content: &Value) -> std::io::Result<PathBuf> {
        let path = self.0.join(name);
        std::fs::write(&path, content.to_string())?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that cannot be removed is the system's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
