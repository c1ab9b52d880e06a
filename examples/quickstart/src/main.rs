//! A complete connector. Without arguments it starts a demo API in this process and runs all four commands against it;
//! with arguments it is an ordinary Airbyte source: `quickstart read --config … --catalog …`.

mod shop;
mod tour;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args_os().len() {
        1 => tour::run(),
        _ => airbyte_runtime::run::<shop::Shop>(),
    }
}
