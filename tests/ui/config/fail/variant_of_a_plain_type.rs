//! A variant holds a type whose fields are not known.
// Underlined: `Token`, the type.

use airbyte_runtime::prelude::*;

#[config]
enum Login {
    /// A personal access token.
    Token(Token),
}

struct Token {
    token: Secret,
}

fn main() {}
