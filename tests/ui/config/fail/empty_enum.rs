//! There is nothing to choose from.
// Underlined: `Hosting`.

use airbyte_runtime::prelude::*;

#[config]
enum Hosting {}

fn main() {}
