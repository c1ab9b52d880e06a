//! The form knows no such format.
// Underlined: `format = "datetime"`, or its value.

use airbyte_runtime::prelude::*;

#[config]
struct Range {
    /// The first day to sync.
    #[config(format = "datetime")]
    start: String,
}

fn main() {}
