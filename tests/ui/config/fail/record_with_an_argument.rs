//! `#[record]` has an argument that it does not know.
// Underlined: `name`.

use airbyte_runtime::prelude::*;

#[record(name = "port")]
struct Port {
    number: u16,
}

fn main() {}
