//! A connector in a process of its own, which is this test program again: for signals, and for logs, which are the
//! whole process's.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Where the process finds what to run; unset in an ordinary run of the tests.
const SOURCE: &str = "AIRBYTE_LAWS_SOURCE";
const ARGUMENTS: &str = "AIRBYTE_LAWS_ARGUMENTS";
const OUT: &str = "AIRBYTE_LAWS_OUT";

/// After so long a process hangs: those of these tests take moments.
const PATIENCE: Duration = Duration::from_secs(120);

/// A command of a connector that runs.
pub(crate) struct Running {
    process: Child,
    folder: PathBuf,
}

/// Starts `command` of a source with these files, each written as `--name FILE`.
pub(crate) fn start(source: &str, command: &str, files: &[(&str, &Value)]) -> Running {
    start_in(&World::default(), source, command, files)
}

/// What a process finds around it.
pub(crate) struct World<'a> {
    /// The level of its logs.
    pub(crate) level: &'a str,
    pub(crate) variables: &'a [(&'a str, &'a str)],
    /// How many files it may have open.
    pub(crate) open_files: Option<u32>,
}

impl Default for World<'_> {
    fn default() -> Self {
        Self { level: "debug", variables: &[], open_files: None }
    }
}

/// The same with what is around the process.
pub(crate) fn start_in(world: &World<'_>, source: &str, command: &str, files: &[(&str, &Value)]) -> Running {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("airbyte-laws-{}-{number}", std::process::id()));
    // One that was killed and had the same number may have left its files.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut arguments = if world.level == "debug" { format!("{command}\n--debug") } else { command.to_owned() };
    for (name, content) in files {
        let path = folder.join(name);
        std::fs::write(&path, content.to_string()).expect("a file");
        arguments.push_str(&format!("\n--{name}\n{}", path.display()));
    }
    let program = std::env::current_exe().expect("a test program");
    let mut process = match world.open_files {
        None => Command::new(program),
        Some(count) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("ulimit -n {count}; exec \"$0\" \"$@\"")]).arg(program);
            shell
        }
    };
    let process = process
        .args(["--exact", "--nocapture", "laws::child::the_other_process"])
        .env(SOURCE, source)
        .env(ARGUMENTS, arguments)
        .env(OUT, folder.join("out"))
        .env("LOG_LEVEL", world.level)
        .envs(world.variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(File::create(folder.join("err")).expect("a file"))
        .spawn()
        .expect("a process");
    Running { process, folder }
}

impl Running {
    /// What was written so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.out()).unwrap_or_default()
    }

    /// Waits until the output satisfies `enough`.
    pub(crate) fn wait_for(&mut self, enough: impl Fn(&str) -> bool) {
        let began = Instant::now();
        while !enough(&self.said()) {
            assert!(began.elapsed() < PATIENCE, "this was not enough: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().expect("a process of ours") {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end; it said {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        };
        (status, self.said())
    }

    /// The same, and what was written to stderr.
    pub(crate) fn end_with_errors(mut self) -> (ExitStatus, String, String) {
        let status = self.process.wait().expect("a process of ours");
        (status, self.said(), std::fs::read_to_string(self.folder.join("err")).unwrap_or_default())
    }

    fn out(&self) -> PathBuf {
        self.folder.join("out")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A process that has ended cannot be killed, and a folder that cannot be removed is the system's to clean up.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// No test of its own: what [`start`] starts.
#[test]
fn the_other_process() {
    let (Ok(source), Ok(arguments), Some(out)) =
        (std::env::var(SOURCE), std::env::var(ARGUMENTS), std::env::var_os(OUT))
    else {
        return;
    };
    let out = File::create(Path::new(&out)).expect("a file for the output");
    let arguments = arguments.lines().map(OsString::from);
    let code = match source.as_str() {
        "orchard" => airbyte_runtime::run_with::<super::stopping::Orchard>(arguments, out),
        "paging" => airbyte_runtime::run_with::<super::paging::Paging>(arguments, out),
        "exports" => airbyte_runtime::run_with::<super::jobs::Exports>(arguments, out),
        "shop" => airbyte_runtime::run_with::<super::backfill::Shop>(arguments, out),
        "astray" => airbyte_runtime::run_with::<super::astray::Astray>(arguments, out),
        "fetching" => airbyte_runtime::run_with::<super::prefetch::Fetching>(arguments, out),
        "wide" => airbyte_runtime::run_with::<super::bounds::Wide>(arguments, out),
        "echoing" => airbyte_runtime::run_with::<super::echo::Echoing>(arguments, out),
        "early" => airbyte_runtime::run_with::<super::told::Telling>(arguments, out),
        "moving" => airbyte_runtime::run_with::<super::secrets::Moving>(arguments, out),
        "telling" => airbyte_runtime::run_with::<super::secrets::Telling>(arguments, out),
        other => panic!("unknown source {other}"),
    };
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}
