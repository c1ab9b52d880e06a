//! A field's `#[config]` says nothing.
// Underlined: the attribute.

use airbyte_runtime::prelude::*;

#[config]
struct Place {
    /// The region of the account.
    #[config()]
    region: String,
}

fn main() {}
