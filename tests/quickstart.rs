//! Runs the quickstart connector as the platform does: a process with files, stdout, stderr and an exit code.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The streams of the connector.
pub(crate) const STREAMS: [&str; 5] = ["customers", "products", "orders", "order_lines", "events"];

/// The longest that any command here may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The connector's program, which is built when it is first asked for.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(build).as_deref().expect("quickstart builds")
}

fn build() -> Option<PathBuf> {
    // This test is `<target>/<profile>/deps/<name>-<hash>`.
    let test = std::env::current_exe().ok()?;
    let profile = test.parent()?.parent()?;
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--package", "quickstart", "--target-dir"]).arg(profile.parent()?);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().ok()?;
    status.success().then(|| profile.join("quickstart").with_extension(std::env::consts::EXE_EXTENSION))
}

/// A folder with the files of one test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("airbyte-tests-{}-{number}", std::process::id()));
        // One that was killed and had the same number may have left its files.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, name: &str, content: impl std::fmt::Display) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content.to_string()).expect("a file");
        path.display().to_string()
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: std::process::ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the connector with these arguments to its end.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    run_in(&[], arguments)
}

/// The same with these variables in its environment.
pub(crate) fn run_in(environment: &[(&str, &str)], arguments: &[&str]) -> Outcome {
    // The time of the connector is not that of its build.
    program();
    let began = Instant::now();
    let mut process = start_in(environment, arguments);
    let stdout = process.stdout.take().expect("a pipe");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        BufReader::new(stdout).read_to_string(&mut text).map(|_| text)
    });
    let (status, stderr) = end(process, began);
    let stdout = reader.join().expect("a reader").expect("messages are UTF-8");
    Outcome { status, stdout, stderr }
}

/// Starts the connector with pipes.
pub(crate) fn start(arguments: &[&str]) -> Child {
    start_in(&[], arguments)
}

/// The same with these variables in its environment.
pub(crate) fn start_in(environment: &[(&str, &str)], arguments: &[&str]) -> Child {
    let mut command = Command::new(program());
    command.envs(environment.iter().copied());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("LOG_LEVEL").env_remove("RUST_BACKTRACE").spawn().expect("quickstart starts")
}

/// Waits for the end of a process whose stdout somebody else reads, or nobody; returns what stderr holds.
pub(crate) fn end(mut process: Child, began: Instant) -> (std::process::ExitStatus, String) {
    let status = loop {
        if let Some(status) = process.try_wait().expect("a process of ours") {
            break status;
        }
        if began.elapsed() > PATIENCE {
            let _ = process.kill();
            panic!("the connector does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut stderr = String::new();
    process.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("text");
    (status, stderr)
}

/// Reads lines of stdout until one satisfies `enough`; returns them all.
pub(crate) fn lines_until(
    process: &mut Child,
    enough: impl Fn(&Value) -> bool,
) -> (Vec<Value>, BufReader<std::process::ChildStdout>) {
    let mut reader = BufReader::new(process.stdout.take().expect("a pipe"));
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        assert!(reader.read_line(&mut line).expect("text") > 0, "stdout ended: {lines:?}");
        let message = parse(&line);
        let found = enough(&message);
        lines.push(message);
        if found {
            return (lines, reader);
        }
    }
}

/// One line of stdout.
pub(crate) fn parse(line: &str) -> Value {
    serde_json::from_str(line)
        .unwrap_or_else(|error| panic!("stdout has a line that is no message ({error}): {line:?}"))
}

impl Outcome {
    /// Every line of stdout, each a whole message.
    pub(crate) fn messages(&self) -> Vec<Value> {
        assert!(self.stdout.is_empty() || self.stdout.ends_with('\n'), "stdout does not end with a whole line");
        self.stdout.lines().map(parse).collect()
    }

    /// The messages of one type, by what stands under their key.
    pub(crate) fn of(&self, kind: &str, key: &str) -> Vec<Value> {
        self.messages()
            .into_iter()
            .filter(|message| message["type"] == kind)
            .map(|message| message[key].clone())
            .collect()
    }

    /// Kind and message of every TRACE ERROR.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let traces = self.of("TRACE", "trace").into_iter().filter(|trace| trace["type"] == "ERROR");
        traces.map(|trace| (text(&trace["error"]["failure_type"]), text(&trace["error"]["message"]))).collect()
    }

    /// The statuses of a stream, in order.
    pub(crate) fn statuses(&self, stream: &str) -> Vec<String> {
        statuses(&self.messages(), stream)
    }

    /// The states of a stream, in order.
    pub(crate) fn states(&self, stream: &str) -> Vec<Value> {
        let states = self
            .of("STATE", "state")
            .into_iter()
            .filter(|state| state["stream"]["stream_descriptor"]["name"] == stream);
        states.map(|state| state["stream"]["stream_state"].clone()).collect()
    }

    /// The records of a stream.
    pub(crate) fn records(&self, stream: &str) -> Vec<Value> {
        let records = self.of("RECORD", "record").into_iter().filter(|record| record["stream"] == stream);
        records.map(|record| record["data"].clone()).collect()
    }

    /// A `--state` file with the last state of each stream.
    pub(crate) fn state_file(&self) -> Value {
        state_file(&self.messages())
    }
}

/// The statuses of a stream, in order.
pub(crate) fn statuses(messages: &[Value], stream: &str) -> Vec<String> {
    let statuses = messages.iter().filter_map(|message| message.pointer("/trace/stream_status"));
    let own = statuses.filter(|status| status["stream_descriptor"]["name"] == stream);
    own.map(|status| status["status"].as_str().unwrap_or_default().to_owned()).collect()
}

/// A `--state` file with the last state of each stream.
pub(crate) fn state_file(messages: &[Value]) -> Value {
    let mut last: Vec<Value> = Vec::new();
    for message in messages.iter().filter(|message| message["type"] == "STATE") {
        last.retain(|old| old["stream"]["stream_descriptor"] != message["state"]["stream"]["stream_descriptor"]);
        last.push(message["state"].clone());
    }
    Value::Array(last)
}

/// A configured catalog of these streams.
pub(crate) fn catalog(streams: &[&str]) -> Value {
    let streams: Vec<Value> = streams
        .iter()
        .map(|name| {
            json!({
                "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
                "sync_mode": "incremental", "destination_sync_mode": "append",
            })
        })
        .collect();
    json!({ "streams": streams })
}
