//! The configuration is a union.
// Underlined: `Port`.

use airbyte_runtime::prelude::*;

#[config]
union Port {
    number: u16,
    text: u32,
}

fn main() {}
