//! `default` has no value.
// Underlined: `default`.

use airbyte_runtime::prelude::*;

#[config]
struct Limits {
    /// Days to look back.
    #[config(default)]
    days: u32,
}

fn main() {}
