//! A secret field is an optional `String`.
// Underlined: `Option<String>`.

use airbyte_runtime::prelude::*;

#[config]
struct Login {
    /// The password, if the server asks for one.
    #[config(secret)]
    password: Option<String>,
}

fn main() {}
