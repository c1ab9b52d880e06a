//! The table: medians, and their ratios.

use std::io::{self, Write as _};

use crate::measure::Run;
use crate::scenario::{Program, Scenario};

/// Says what is measured, when, and on how many processors.
pub(crate) fn heading(rounds: usize) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let today = jiff::Timestamp::now().to_string();
    let today = today.split('T').next().unwrap_or_default().to_owned();
    say(&format!("{today}, {cores} processors, {rounds} rounds; medians (least–most). Ratios compare CPU time.\n"));
}

/// Prints what the programs of a scenario took.
pub(crate) fn scenario(scenario: &Scenario, programs: &[Program], runs: &[Vec<Run>]) {
    let first = |name: &str| {
        let at = programs.iter().position(|program| program.name == name)?;
        Some(median(runs.get(at)?, |run| run.cpu))
    };
    let (values, own) = (first("values"), first("struct"));
    say(&format!("## {}: {}\n", scenario.name, scenario.what));
    say("| program | wall s | CPU s | µs CPU per record | peak MB | ÷ values | ÷ struct |");
    say("|---|---|---|---|---|---|---|");
    for (program, runs) in programs.iter().zip(runs) {
        let cpu = median(runs, |run| run.cpu);
        let per_record = match scenario.records {
            0 => "–".to_owned(),
            records => format!("{:.2}", cpu * 1e6 / f64::from(records)),
        };
        let ratio = |base: Option<f64>| base.map_or("–".to_owned(), |base| format!("{:.2}", cpu / base));
        say(&format!(
            "| {} | {} | {} | {per_record} | {:.1} | {} | {} |",
            program.name,
            spread(runs, |run| run.wall),
            spread(runs, |run| run.cpu),
            median(runs, |run| run.memory),
            ratio(values),
            ratio(own),
        ));
    }
    say("");
}

fn sorted(runs: &[Run], of: impl Fn(&Run) -> f64) -> Vec<f64> {
    let mut values: Vec<f64> = runs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(runs: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    let values = sorted(runs, of);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn spread(runs: &[Run], of: impl Fn(&Run) -> f64) -> String {
    let values = sorted(runs, &of);
    match (values.first(), values.last()) {
        (Some(least), Some(most)) => format!("{:.3} ({least:.3}–{most:.3})", median(runs, of)),
        _ => "–".to_owned(),
    }
}

pub(crate) fn say(line: &str) {
    // A reader that left wants no more of the table.
    let _ = writeln!(io::stdout().lock(), "{line}");
}
