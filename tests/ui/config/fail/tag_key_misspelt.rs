//! The key of `#[config]` on an enum is misspelt.
// Underlined: `tagg`.

use airbyte_runtime::prelude::*;

#[config(tagg = "method")]
enum Login {
    /// A personal access token.
    Token {
        /// The token.
        #[config(secret)]
        token: Secret,
    },
}

fn main() {}
