//! Instructions in place of seconds: the same on a busy machine as on an idle one.
//!
//! Each program reads a few records and some more under valgrind's callgrind; the difference is what a record costs
//! without the start. System calls count as one instruction, so the network is not part of it.

use std::process::{Command, Stdio};

use crate::Result;
use crate::arguments::Arguments;
use crate::scenario::{self, Files, Program};
use crate::table::say;

/// Records of the two reads that are compared.
const FEW: u32 = 2_000;
const MORE: u32 = 12_000;

/// Counts for each scenario whose length can be chosen, and for the start.
///
/// # Errors
/// No valgrind, and programs that fail.
pub(crate) fn bench(arguments: &Arguments, api: &str) -> Result<()> {
    say("Instructions, counted by callgrind.\n");
    for scenario in scenario::ALL.iter().filter(|scenario| arguments.wants(scenario)) {
        let is_start = scenario.records == 0;
        if !scenario.is_countable() {
            continue;
        }
        let few = scenario.prepare_for(api, FEW)?;
        let more = scenario.prepare_for(api, MORE)?;
        say(&format!("## {}: {}\n", scenario.name, if is_start { "`spec`" } else { "for each record" }));
        say("| program | instructions | ÷ struct |");
        say("|---|---|---|");
        let programs = scenario.programs(&few, &[])?.into_iter().zip(scenario.programs(&more, &[])?);
        let mut counts = Vec::new();
        for (with_few, with_more) in programs {
            let count = match is_start {
                true => count(&with_few, &few)? as f64,
                false => {
                    let more = count(&with_more, &more)? as f64 - count(&with_few, &few)? as f64;
                    more / f64::from(MORE - FEW)
                }
            };
            counts.push((with_few.name, count));
        }
        let own = counts.iter().find(|(name, _)| name == "struct").map_or(f64::NAN, |(_, count)| *count);
        for (name, count) in counts {
            say(&format!("| {name} | {count:.0} | {:.2} |", count / own));
        }
        say("");
    }
    Ok(())
}

/// The instructions of one run of a program.
fn count(program: &Program, files: &Files) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(&program.command)
        .envs(files.variables())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind does not run ({error}); `apt install valgrind` brings it"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{} failed under valgrind: {said}", program.name).into());
    }
    let collected = said.lines().filter_map(|line| line.split_once("Collected :")).next_back();
    let number = collected.and_then(|(_, number)| number.trim().parse().ok());
    number.ok_or_else(|| format!("valgrind does not say how many instructions {} took: {said}", program.name).into())
}
