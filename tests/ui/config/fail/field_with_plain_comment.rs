//! A config field has a comment with two slashes only.
// Underlined: `region`.

use airbyte_runtime::prelude::*;

#[config]
struct Place {
    // The region of the account.
    region: String,
}

fn main() {}
