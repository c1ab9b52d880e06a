//! A bound is written as a text.
// Underlined: `"1"`.

use airbyte_runtime::prelude::*;

#[config]
struct Limits {
    /// Days to look back.
    #[config(minimum = "1")]
    days: u32,
}

fn main() {}
