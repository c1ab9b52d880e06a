//! Two variants have one value.
// Underlined: the second `"token"`, or `ApiKey`.

use airbyte_runtime::prelude::*;

#[config]
enum Login {
    /// A personal access token.
    Token {
        /// The token.
        #[config(secret)]
        token: Secret,
    },
    /// A key of the whole account.
    #[config(value = "token")]
    ApiKey {
        /// The key.
        #[config(secret)]
        key: Secret,
    },
}

fn main() {}
