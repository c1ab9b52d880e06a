//! A secret field of a variant is a `String`.
// Underlined: `String`.

use airbyte_runtime::prelude::*;

#[config]
enum Login {
    /// A personal access token.
    Token {
        /// The token.
        #[config(secret)]
        token: String,
    },
}

fn main() {}
