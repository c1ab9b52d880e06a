//! The stream does not say which source it belongs to.
// Underlined: `Task`, the struct's name.

use airbyte_runtime::prelude::*;

#[stream(path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
