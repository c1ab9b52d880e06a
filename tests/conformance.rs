//! Manifests run as the Python CDK runs them: the conformance suite, where it is at hand.
//!
//! The suite is no part of this repository. It is looked for in the folder that `AIRBYTE_CONFORMANCE_DIR` names, and in
//! `shared/conformance` beside the repository; without it these tests say so and pass.
//! The tests in `manifests.rs` need nothing from outside.
//!
//! A state of partitions says in `lookback_window` how many seconds the read took, and the suite compares that too.
//! How fast a busy machine is says nothing about a manifest, so more than a second counts as one here.

#[allow(dead_code, reason = "each of the tests that share this uses a part of it")]
mod manifest_program;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where the suite may be, apart from beside the repository.
const FOLDER: &str = "AIRBYTE_CONFORMANCE_DIR";

/// The longest that one of the runs may take.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// What the prefix of a case from Airbyte's public catalogue is; the others aim at one component each.
const CATALOGUE: &str = "source-";

#[test]
fn connectors_of_the_catalogue() {
    let Some(summary) = run("the catalogue", |suite| suite.cases(|name| name.starts_with(CATALOGUE))) else { return };
    summary.require(&[
        ("perfect", 97.0),
        ("spec", 100.0),
        ("check", 100.0),
        ("discover", 100.0),
        ("records (streams)", 99.5),
        ("state (streams)", 99.0),
        ("status", 99.0),
        ("requests", 99.0),
        ("multiset", 98.0),
        ("headers", 98.0),
    ]);
}

#[test]
fn single_components() {
    let Some(summary) = run("single components", |suite| suite.cases(|name| !name.starts_with(CATALOGUE))) else {
        return;
    };
    // A manifest that the reference refuses is refused by every command, and one that it runs is not.
    summary.require(&[("perfect", 97.5), ("area invalid", 100.0)]);
}

/// About every seventh request fails at its first try; the records must be the same.
#[test]
fn records_survive_failures() {
    let Some(summary) = run("failing requests", Suite::faults) else { return };
    summary.require(&[("records (streams)", 100.0)]);
}

/// The folder of the suite.
struct Suite {
    folder: PathBuf,
    /// Where a run leaves its files.
    scratch: PathBuf,
}

impl Suite {
    /// The suite, or why there is none.
    fn find() -> Result<PathBuf, String> {
        let folder = match std::env::var_os(FOLDER) {
            Some(folder) => PathBuf::from(folder),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance"),
        };
        if folder.join("compare.py").is_file() {
            return fs::canonicalize(&folder).map_err(|error| format!("`{}`: {error}", folder.display()));
        }
        Err(format!(
            "`{}` has no compare.py; set {FOLDER} to the folder of the conformance suite to run this",
            folder.display()
        ))
    }

    /// The arguments for the cases whose names are `wanted`.
    fn cases(&self, wanted: impl Fn(&str) -> bool) -> Vec<OsString> {
        let entries = fs::read_dir(self.folder.join("cases")).expect("the suite has cases");
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| wanted(name)).collect();
        names.sort();
        let list = self.scratch.join("cases.txt");
        fs::write(&list, names.join("\n")).expect("a list of cases");
        vec!["--cases".into(), at(&list)]
    }

    /// A program that does what `program` does, with a `lookback_window` of a second where that is longer.
    fn untimed(&self, program: &Path) -> PathBuf {
        let wrapper = self.scratch.join("program");
        let script = format!(
            "#!/usr/bin/env bash\nset -o pipefail\n'{}' \"$@\" | sed -E '/\"STATE\"/s/(\"lookback_window\":)([2-9]|[1-9][0-9]+)\\b/\\11/'\n",
            program.display()
        );
        fs::write(&wrapper, script).expect("a script");
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("a script that can be run");
        wrapper
    }

    /// The arguments for the run with failures.
    fn faults(&self) -> Vec<OsString> {
        let list = at(&self.folder.join("faults7.txt"));
        ["--faults".into(), "7".into(), "--cases".into(), list, "--only".into(), "read_full".into()].into()
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        // What cannot be removed is the system's to clean up.
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

/// An argument that stands for the lines of a file.
fn at(path: &Path) -> OsString {
    let mut argument = OsString::from("@");
    argument.push(path);
    argument
}

/// Runs the suite with the arguments that `select` gives; `None` without a suite.
fn run(name: &str, select: impl FnOnce(&Suite) -> Vec<OsString>) -> Option<Summary> {
    // The runs share two cores and have time limits of their own, so they wait for one another.
    static TURN: Mutex<()> = Mutex::new(());
    let folder = match Suite::find() {
        Ok(folder) => folder,
        Err(reason) => {
            say(&format!("conformance of {name}: skipped, {reason}"));
            return None;
        }
    };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let scratch = std::env::temp_dir().join(format!("airbyte-conformance-{}", std::process::id()));
    fs::create_dir_all(&scratch).expect("a folder");
    let suite = Suite { folder, scratch };
    let program = suite.untimed(manifest_program::program());
    let mut python = Command::new("python3");
    python
        .arg(suite.folder.join("compare.py"))
        .args(["--timeout", "90", "--show", "30", "--out"])
        .arg(suite.scratch.join("report.json"));
    python.args(select(&suite)).arg(program);
    let output = suite.scratch.join("output.txt");
    let file = fs::File::create(&output).expect("a file");
    python.stdin(Stdio::null()).stdout(file).stderr(Stdio::inherit()).process_group(0);
    let succeeded = end(python.spawn().expect("python3 starts"));
    let output = fs::read_to_string(&output).expect("text");
    say(&format!("conformance of {name}:\n{output}"));
    assert!(succeeded, "compare.py fails");
    Some(Summary::parse(&output))
}

/// Writes past the test harness, which would keep the text of a test that passes to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Waits for a process; one that takes too long is ended with all that it started.
fn end(mut process: Child) -> bool {
    let began = Instant::now();
    loop {
        if let Some(status) = process.try_wait().expect("a process of ours") {
            return status.success();
        }
        if began.elapsed() > PATIENCE {
            // The process leads a group of its own, whose id is its own.
            let _ = Command::new("kill").args(["--", &format!("-{}", process.id())]).status();
            let _ = process.wait();
            panic!("the suite does not end within {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// What the suite's last line says: how many of how many, by name.
#[derive(Debug)]
struct Summary(BTreeMap<String, (f64, f64)>);

impl Summary {
    /// Reads `cases 10 · perfect 9 · records (streams) 40/41 · …`, and `areas auth 20/20 …` in the line before.
    fn parse(output: &str) -> Self {
        let line = output.lines().rfind(|line| line.starts_with("cases ")).expect("a summary");
        let parts = line.split(" · ").filter_map(|part| part.rsplit_once(' '));
        let parts: Vec<(&str, &str)> = parts.map(|(name, count)| (name.trim(), count)).collect();
        let cases = parts.iter().find(|(name, _)| *name == "cases").and_then(|(_, count)| count.parse().ok());
        let cases: f64 = cases.expect("a number of cases");
        assert!(cases > 0.0, "no case was run");
        let numbers = parts.into_iter().filter_map(|(name, count)| {
            let count = match count.split_once('/') {
                Some((good, all)) => (good.parse().ok()?, all.parse().ok()?),
                None => (count.parse().ok()?, cases),
            };
            Some((name.to_owned(), count))
        });
        let areas = output.lines().rfind(|line| line.starts_with("areas ")).unwrap_or_default();
        let words: Vec<&str> = areas.split(' ').skip(1).collect();
        let areas = words.chunks_exact(2).filter_map(|pair| {
            let [name, count] = pair else { return None };
            let (good, all) = count.split_once('/')?;
            Some((format!("area {name}"), (good.parse().ok()?, all.parse().ok()?)))
        });
        Self(numbers.chain(areas).collect())
    }

    /// Requires the share, in percent, of each name to be no less than this.
    fn require(&self, least: &[(&str, f64)]) {
        let short: Vec<String> = least.iter().filter_map(|(name, least)| self.shortfall(name, *least)).collect();
        assert!(short.is_empty(), "{}", short.join("\n"));
    }

    fn shortfall(&self, name: &str, least: f64) -> Option<String> {
        let Some(&(good, all)) = self.0.get(name) else { return Some(format!("the summary has no `{name}`")) };
        let share = 100.0 * good / all;
        // Nothing to compare is no success: its share is no number.
        if share >= least {
            return None;
        }
        Some(format!("{name}: {good} of {all} are {share:.2} %, at least {least} % are wanted"))
    }
}

#[test]
fn the_summary_is_read() {
    let summary = Summary::parse(
        "harness\nareas auth 1/1 invalid 1/2\ncases 4 · perfect 3 · spec 4/4 · records (streams) 199/200 · headers 0/0 · 12s",
    );
    summary.require(&[("perfect", 75.0), ("spec", 100.0), ("records (streams)", 99.5)]);
    assert!(summary.shortfall("perfect", 76.0).is_some_and(|text| text.starts_with("perfect: 3 of 4 are 75.00 %")));
    assert!(summary.shortfall("headers", 1.0).is_some());
    assert!(summary.shortfall("area auth", 100.0).is_none());
    assert!(summary.shortfall("area invalid", 100.0).is_some_and(|text| text.starts_with("area invalid: 1 of 2")));
    assert!(summary.shortfall("check", 1.0).is_some());
}
