//! Runs any Airbyte `manifest.yaml`, with the command line of Airbyte's own `source-declarative-manifest`.

use std::process::ExitCode;

use airbyte_runtime::manifest::{Registry, run};

fn main() -> ExitCode {
    run(Registry::new())
}
