//! The enum is generic.
// Underlined: `<T>`, or `T`.

use airbyte_runtime::prelude::*;

#[config]
enum Login<T> {
    /// A personal access token.
    Token {
        /// The token.
        token: T,
    },
}

fn main() {}
