//! A key of a field's `#[config]` is written twice.
// Underlined: the second `title`.

use airbyte_runtime::prelude::*;

#[config]
struct Place {
    /// The region of the account.
    #[config(title = "Region", title = "Area")]
    region: String,
}

fn main() {}
