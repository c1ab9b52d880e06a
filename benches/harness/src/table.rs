//! The table: medians, and their ratios.

use std::io::{self, Write as _};

use crate::Measured;
use crate::measure::Run;
use crate::scenario::Program;

/// Says what is measured, when, and on which machine.
pub(crate) fn heading(rounds: usize) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let machine = machine();
    let today = jiff::Timestamp::now().to_string();
    let today = today.split('T').next().unwrap_or_default().to_owned();
    say(&format!(
        "{today}, {cores} processors ({machine}), {rounds} rounds; medians (least–most). Ratios compare CPU time.\n"
    ));
}

/// The processor's name, where the system tells it.
fn machine() -> String {
    let known = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = known.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.to_owned())
}

/// Prints what the programs of a scenario took.
pub(crate) fn scenario(Measured { scenario, programs, runs }: &Measured, failed: &[(Program, String)]) {
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
    for (program, why) in failed {
        say(&format!("\n{} took no part: {why}", program.name));
    }
    say("");
}

/// Prints all of it in one table: wall time, processor time, memory; and what a record takes without the start.
pub(crate) fn summary(all: &[Measured]) {
    let mut names: Vec<&str> = Vec::new();
    for program in all.iter().flat_map(|measured| &measured.programs) {
        if !names.contains(&program.name.as_str()) {
            names.push(&program.name);
        }
    }
    say("## All together: wall s, CPU s, peak MB\n");
    say(&format!("| | {} |", names.join(" | ")));
    say(&format!("|---|{}", "---|".repeat(names.len())));
    let row = |what: &str, cell: &dyn Fn(&str) -> Option<String>| {
        let cells = names.iter().map(|name| cell(name).unwrap_or_else(|| "–".to_owned()));
        say(&format!("| {what} | {} |", cells.collect::<Vec<_>>().join(" | ")));
    };
    for measured in all {
        row(measured.scenario.what, &|name| {
            let runs = measured.of(name)?;
            let (wall, cpu) = (median(runs, |run| run.wall), median(runs, |run| run.cpu));
            Some(format!("{wall:.2}, {cpu:.2}, {:.0}", median(runs, |run| run.memory)))
        });
    }
    let find = |name: &str| all.iter().find(|measured| measured.scenario.name == name);
    if let (Some(few), Some(many)) = (find("pages"), find("million")) {
        let records = f64::from(many.scenario.records - few.scenario.records);
        row("each record beyond the first 100,000", &|name| {
            let cpu = |measured: &Measured| Some(median(measured.of(name)?, |run| run.cpu));
            Some(format!("{:.2} µs CPU", (cpu(many)? - cpu(few)?) * 1e6 / records))
        });
    }
    say("");
}

impl Measured {
    /// The runs of the program with that name.
    fn of(&self, name: &str) -> Option<&[Run]> {
        let at = self.programs.iter().position(|program| program.name == name)?;
        self.runs.get(at).map(Vec::as_slice)
    }
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
