//! A key of a field's `#[config]` is misspelt.
// Underlined: `secrt`.

use airbyte_runtime::prelude::*;

#[config]
struct Login {
    /// The password.
    #[config(secrt)]
    password: Secret,
}

fn main() {}
