//! A value of a field's `#[config]` is a bare word.
// Underlined: `auth`.

use airbyte_runtime::prelude::*;

#[config]
struct Login {
    /// The user name.
    #[config(group = auth)]
    name: String,
}

fn main() {}
