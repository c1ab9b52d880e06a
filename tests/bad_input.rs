//! Bad input harms nobody: each function that reads bytes from outside is given everything that ever went wrong, the
//! corpus of the guided runs, and mutations of both. None of them may panic or take more memory than is due.
//!
//! `BAD_INPUT_RUNS` says how many mutations each function is given, `BAD_INPUT_SEED` which ones, `BAD_INPUT_TARGET`
//! names one function. `fuzz/run` runs the same functions under libFuzzer, see `docs/reliability.md`.

#[path = "bad_input/mutate.rs"]
mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use airbyte_runtime::fuzzing::{TARGETS, Target};
use mutate::{Mutator, dictionary};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory is counted for the whole process, so one input is read at a time.
static TURN: Mutex<()> = Mutex::new(());

/// How many mutations a function is given where nothing else is said; a quarter of them where memory says that an
/// input may be a lot of work.
const RUNS: u64 = 80;
const MUCH_MEMORY: usize = 128 << 20;
const SEED: u64 = 1;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// Where `fuzz/run` keeps what it finds.
fn found() -> PathBuf {
    let found = folder().join("target/found");
    let _ = fs::create_dir_all(&found);
    found
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

fn targets() -> &'static [Target] {
    let Ok(wanted) = std::env::var("BAD_INPUT_TARGET") else { return TARGETS };
    let known = || TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
    let at = TARGETS.iter().position(|target| target.name == wanted);
    let at = at.unwrap_or_else(|| panic!("no function is called `{wanted}` (BAD_INPUT_TARGET); there are {}", known()));
    &TARGETS[at..=at]
}

/// The inputs in a folder, in the order of their names.
fn inputs(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files.into_iter().map(|path| (path.display().to_string(), fs::read(&path).expect("an input"))).collect()
}

/// What the function has been given before, and for manifests those of the other tests.
fn seeds(target: &Target) -> Vec<(String, Vec<u8>)> {
    let mut seeds = inputs(&folder().join("regressions").join(target.name));
    seeds.extend(inputs(&folder().join("corpus").join(target.name)));
    if target.name == "manifest" {
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests");
        for case in fs::read_dir(cases).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()) {
            let read = |file: &str| fs::read(case.join(file)).ok();
            if let (Some(manifest), Some(config)) = (read("manifest.yaml"), read("config.json")) {
                seeds.push((case.display().to_string(), [&manifest[..], b"\n====\n", &config].concat()));
            }
        }
        seeds.sort();
    }
    seeds
}

/// Gives a function one input; the error says what is wrong with it.
fn run(target: &Target, data: &[u8]) -> Result<(), String> {
    // What ends the process, as the end of the stack does, leaves this behind; what does not end, too.
    let _ = fs::write(found().join(format!("{}-last", target.name)), data);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        (target.run)(data);
        target.require_memory(data, MEMORY.peak_usage().saturating_sub(before));
    }));
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    })
}

/// Keeps an input that failed.
fn keep(target: &Target, name: &str, data: &[u8]) -> String {
    let path = found().join(format!("{}-{name}", target.name));
    let _ = fs::write(&path, data);
    path.display().to_string()
}

#[test]
fn nothing_that_ever_went_wrong_does_so_again() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for target in targets() {
        let seeds = seeds(target);
        assert!(seeds.len() > 1, "`{}` has no corpus", target.name);
        for (name, data) in &seeds {
            run(target, data).unwrap_or_else(|problem| panic!("{}: {name}: {problem}", target.name));
        }
    }
}

#[test]
fn mutations_harm_nobody() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (runs, seed) = (number("BAD_INPUT_RUNS", RUNS), number("BAD_INPUT_SEED", SEED));
    for target in targets() {
        let seeds: Vec<Vec<u8>> = seeds(target).into_iter().map(|(_, data)| data).collect();
        let words = fs::read_to_string(folder().join("dictionaries").join(target.name)).unwrap_or_default();
        let words = dictionary(&words);
        let runs = if target.memory > MUCH_MEMORY { runs / 4 } else { runs };
        for number in 0..runs {
            let data = Mutator::new(seed, target.name, number).input(&seeds, &words);
            if let Err(problem) = run(target, &data) {
                let kept = keep(target, &format!("{seed}-{number}"), &data);
                panic!("{}, seed {seed}, input {number}, kept in {kept}: {problem}", target.name);
            }
        }
    }
}

#[test]
fn the_corpus_is_small_and_of_known_functions() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for part in ["corpus", "regressions", "dictionaries"] {
        for entry in fs::read_dir(folder().join(part)).expect("a folder").filter_map(Result::ok) {
            let name = entry.file_name().into_string().expect("a name");
            assert!(TARGETS.iter().any(|target| target.name == name), "nothing reads fuzz/{part}/{name}");
        }
    }
    let sizes = TARGETS.iter().flat_map(|target| {
        let parts = ["corpus", "regressions"].map(|part| folder().join(part).join(target.name));
        parts.into_iter().flat_map(|part| inputs(&part)).map(|(_, data)| data.len())
    });
    let total: usize = sizes.sum();
    assert!(total < 1 << 20, "the corpus has {total} bytes");
}
