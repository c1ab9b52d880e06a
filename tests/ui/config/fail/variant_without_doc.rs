//! A variant that the user can choose has no doc comment.
// Underlined: `Server`.

use airbyte_runtime::prelude::*;

#[config]
enum Hosting {
    /// At the vendor's.
    Cloud,
    Server,
}

fn main() {}
