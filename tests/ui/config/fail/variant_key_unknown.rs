//! A key of a variant's `#[config]` is misspelt.
// Underlined: `vale`.

use airbyte_runtime::prelude::*;

#[config]
enum Hosting {
    /// At the vendor's.
    #[config(vale = "saas")]
    Cloud,
    /// On a machine of your own.
    Server,
}

fn main() {}
