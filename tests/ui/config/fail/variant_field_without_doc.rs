//! A field of a variant has no doc comment.
// Underlined: `host`.

use airbyte_runtime::prelude::*;

#[config]
enum Hosting {
    /// At the vendor's.
    Cloud,
    /// On a machine of your own.
    Server { host: String },
}

fn main() {}
