//! A variant's field has the name of the tag.
// Underlined: `r#type`, the field.

use airbyte_runtime::prelude::*;

#[config]
enum Login {
    /// A personal access token.
    Token {
        /// The kind of token.
        r#type: String,
    },
}

fn main() {}
