//! Times whole processes that read the same pages: connectors of this project, any others, and two loops that show what
//! the machine can do.
//!
//! ```console
//! $ benches/run                                   # all scenarios, 5 rounds
//! $ benches/run --rounds 9 --scenario pages
//! $ benches/run --instructions                    # counts instead of seconds, for noisy machines; needs valgrind
//! $ benches/run --scenario pages --peer cdk='source-declarative-manifest read --config $CONFIG --catalog $CATALOG --manifest-path $MANIFEST'
//! ```

mod api;
mod arguments;
mod baseline;
mod instructions;
mod measure;
mod scenario;
mod table;

use std::process::ExitCode;

use arguments::{Arguments, Mode};
use scenario::{Files, Program, Scenario};

fn main() -> ExitCode {
    let done = match arguments::parse(std::env::args().skip(1)) {
        Ok(Mode::Measure(command)) => measure::child(&command),
        Ok(Mode::Copy(url)) => baseline::copy(&url),
        Ok(Mode::Values(url)) => baseline::values(&url),
        Ok(Mode::Serve(port)) => api::serve(port),
        Ok(Mode::Bench(arguments)) => bench(&arguments),
        Err(problem) => Err(problem.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the programs of a scenario took.
struct Measured {
    scenario: &'static Scenario,
    programs: Vec<Program>,
    /// The runs of each program.
    runs: Vec<Vec<measure::Run>>,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Runs each scenario in rounds: every program once, then again, so that a busy minute is everybody's.
fn bench(arguments: &Arguments) -> Result<()> {
    let server = api::start(0)?;
    if arguments.instructions {
        return instructions::bench(arguments, &server.url());
    }
    table::heading(arguments.rounds);
    let (mut all, mut failures) = (Vec::new(), 0);
    for scenario in scenario::ALL.iter().filter(|scenario| arguments.wants(scenario)) {
        let files = scenario.prepare(&server.url())?;
        let programs = scenario.programs(&files, &arguments.peers)?;
        let (measured, failed) = measure(scenario, programs, &files, arguments.rounds);
        table::scenario(&measured, &failed);
        failures += failed.len();
        all.push(measured);
    }
    table::summary(&all);
    match failures {
        0 => Ok(()),
        _ => Err(format!("{failures} of the programs failed; the tables say why").into()),
    }
}

/// Measures those that read what there is; the others are returned, with the reasons.
fn measure(
    scenario: &'static Scenario,
    programs: Vec<Program>,
    files: &Files,
    rounds: usize,
) -> (Measured, Vec<(Program, String)>) {
    let mut measured = Measured { scenario, programs: Vec::new(), runs: Vec::new() };
    let mut failed = Vec::new();
    for program in programs {
        match measure::rehearse(&program, files) {
            Ok(()) => measured.programs.push(program),
            Err(error) => failed.push((program, error.to_string())),
        }
    }
    measured.runs.resize_with(measured.programs.len(), Vec::new);
    for _ in 0..rounds {
        for at in (0..measured.programs.len()).rev() {
            match measure::run(&measured.programs[at], files) {
                Ok(run) => measured.runs[at].push(run),
                Err(error) => {
                    measured.runs.remove(at);
                    failed.push((measured.programs.remove(at), error.to_string()));
                }
            }
        }
    }
    (measured, failed)
}
