//! A variant holds two values without names.
// Underlined: `Basic`, or its fields.

use airbyte_runtime::prelude::*;

#[config]
enum Login {
    /// User name and password.
    Basic(String, Secret),
}

fn main() {}
