//! Connectors that are killed: at every line, at random instants, again and again. What a destination has in the end is
//! compared with what the API had; see `docs/reliability.md`.
//!
//! This program is both the one that kills and, with a source's name in its environment, the one that is killed. It sends signals,
//! so it builds on Unix only.

use std::process::ExitCode;

#[allow(dead_code, reason = "the laws use the rest")]
#[path = "laws/api.rs"]
mod api;
#[path = "crash/campaign.rs"]
mod campaign;
#[path = "crash/chain.rs"]
mod chain;
#[path = "laws/covers.rs"]
mod covers;
mod manifest_program;
#[path = "crash/manifests.rs"]
mod manifests;
#[path = "crash/process.rs"]
mod process;
#[allow(dead_code, reason = "the laws use the rest")]
#[path = "laws/reading.rs"]
mod reading;
#[path = "crash/repeats.rs"]
mod repeats;
#[path = "crash/shapes.rs"]
mod shapes;
#[allow(unused_imports, unused_macros, reason = "the laws use the rest")]
#[path = "laws/sources.rs"]
mod sources;
#[path = "crash/structs.rs"]
mod structs;
#[path = "crash/world.rs"]
mod world;

fn main() -> ExitCode {
    match std::env::var(chain::SOURCE) {
        Ok(source) => read(&source),
        Err(_) if is_wanted(std::env::args().skip(1)) => campaign::run(),
        Err(_) => ExitCode::SUCCESS,
    }
}

/// Whether the arguments, which are those of every test program, ask for this one; says its name if they ask for names.
#[expect(clippy::print_stdout, reason = "this is what lists of tests are made of")]
fn is_wanted(arguments: impl Iterator<Item = String>) -> bool {
    const NAME: &str = "crash";
    let arguments: Vec<String> = arguments.collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has("--ignored") {
        return false;
    }
    if has("--list") {
        println!("{NAME}: test");
        return false;
    }
    let (mut filters, mut is_skipped, mut rest) = (Vec::new(), false, arguments.iter());
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--skip" => is_skipped |= rest.next().is_some_and(|part| NAME.contains(part.as_str())),
            "--test-threads" | "--format" | "--color" | "--logfile" | "-Z" => drop(rest.next()),
            flag if flag.starts_with('-') => {}
            filter => filters.push(filter),
        }
    }
    let is_meant = |filter: &&str| if has("--exact") { *filter == NAME } else { NAME.contains(*filter) };
    !is_skipped && (filters.is_empty() || filters.iter().any(is_meant))
}

/// What is killed.
fn read(source: &str) -> ExitCode {
    match source {
        "page" => airbyte_runtime::run::<sources::page::Rows>(),
        "offset" => airbyte_runtime::run::<sources::offset::Rows>(),
        "token" => airbyte_runtime::run::<sources::token::Rows>(),
        "link" => airbyte_runtime::run::<sources::link::Rows>(),
        "url" => airbyte_runtime::run::<sources::url::Rows>(),
        "extra" => airbyte_runtime::run::<structs::Extra>(),
        other => panic!("unknown source {other}"),
    }
}
