//! `secret` is a flag, but has a value.
// Underlined: `true`, or `secret = true`.

use airbyte_runtime::prelude::*;

#[config]
struct Login {
    /// The password.
    #[config(secret = true)]
    password: Secret,
}

fn main() {}
