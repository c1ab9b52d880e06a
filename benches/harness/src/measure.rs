//! What a process takes: wall time, processor time, memory.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::scenario::{Files, Program};

/// One run of a program.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Run {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of processor time, user and system.
    pub(crate) cpu: f64,
    /// The most memory at one time, in MB.
    pub(crate) memory: f64,
}

/// Runs a program once and counts the records that it writes: one that reads less than there is would be the fastest.
///
/// # Errors
/// A program that cannot be started, fails, or writes another number of records than it should.
pub(crate) fn rehearse(program: &Program, files: &Files) -> Result<()> {
    let (name, arguments) = program.command.split_first().ok_or("no command to measure")?;
    let mut process = Command::new(name)
        .args(arguments)
        .envs(files.variables())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} does not start: {error}"))?;
    let mut out = BufReader::new(process.stdout.take().ok_or("no pipe")?);
    let (mut line, mut records) = (Vec::new(), 0);
    while out.read_until(b'\n', &mut line)? > 0 {
        records += u32::from(is_record(&line));
        line.clear();
    }
    let status = process.wait()?;
    match program.records {
        _ if !status.success() => Err(format!("it ended with {status}").into()),
        Some(expected) if records != expected => Err(format!("it wrote {records} records, not {expected}").into()),
        _ => Ok(()),
    }
}

/// Whether a line is a RECORD message, with or without a space behind the colon.
fn is_record(line: &[u8]) -> bool {
    let has = |part: &[u8]| line.windows(part.len()).any(|found| found == part);
    has(br#""type":"RECORD""#) || has(br#""type": "RECORD""#)
}

/// Runs a program once, by a process that has no other child.
///
/// # Errors
/// A program that cannot be started, or fails.
pub(crate) fn run(program: &Program, files: &Files) -> Result<Run> {
    let output = Command::new(std::env::current_exe()?)
        .arg("measure")
        .args(&program.command)
        .envs(files.variables())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{} failed: {}", program.name, program.command.join(" ")).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs a command, throws away what it writes, and prints what it took.
///
/// # Errors
/// A command that cannot be started, or fails.
pub(crate) fn child(command: &[String]) -> Result<()> {
    let (program, arguments) = command.split_first().ok_or("no command to measure")?;
    let began = Instant::now();
    let status = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    let wall = began.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("{program} ended with {status}").into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Linux counts in KiB.
    let memory = usage.max_rss() as f64 / 1024.0;
    let run = Run { wall, cpu: micros as f64 / 1e6, memory };
    Ok(serde_json::to_writer(std::io::stdout().lock(), &run)?)
}
