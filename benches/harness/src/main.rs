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
use scenario::{Program, Scenario};

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
    let mut all = Vec::new();
    for scenario in scenario::ALL.iter().filter(|scenario| arguments.wants(scenario)) {
        let files = scenario.prepare(&server.url())?;
        let programs = scenario.programs(&files, &arguments.peers)?;
        let mut runs = vec![Vec::new(); programs.len()];
        for _ in 0..arguments.rounds {
            for (program, runs) in programs.iter().zip(&mut runs) {
                runs.push(measure::run(program, &files)?);
            }
        }
        table::scenario(scenario, &programs, &runs);
        all.push(Measured { scenario, programs, runs });
    }
    table::summary(&all);
    Ok(())
}
