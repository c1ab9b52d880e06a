//! A key of a field's `#[config]` is JSON Schema's, and near to none of ours.
// Underlined: `airbyte_secret`.

use airbyte_runtime::prelude::*;

#[config]
struct Login {
    /// The password.
    #[config(airbyte_secret)]
    password: Secret,
}

fn main() {}
