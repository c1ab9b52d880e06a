//! Connectors that are killed: at every line, at random instants, again and again. What a destination has in the end is
//! compared with what the API had; see `docs/reliability.md`.
//!
//! This program is both the one that kills and, with a source's name in its environment, the one that is killed.

#![cfg_attr(not(unix), allow(dead_code, unused_imports, reason = "signals are what this is about"))]

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
        Err(_) => campaign::run(),
    }
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
