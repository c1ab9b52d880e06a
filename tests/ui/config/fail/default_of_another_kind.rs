//! The default of a number is a text.
// Underlined: `default = "10"`, or its value.

use airbyte_runtime::prelude::*;

#[config]
struct Limits {
    /// Days to look back.
    #[config(default = "10")]
    days: u32,
}

fn main() {}
