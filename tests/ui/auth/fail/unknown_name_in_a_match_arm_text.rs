//! A text in a `match` arm names nothing that the pattern binds.
// Underlined: `"Token {tokn}"`.

use airbyte_runtime::prelude::*;

/// How to log in.
#[config]
enum Login {
    /// With a token.
    Token {
        /// The token.
        token: Secret,
    },
}

#[source(
    base_url = "https://api.example.com",
    auth = match config.login {
        Login::Token { token } => api_key(header = "X-Api-Key", value = "Token {tokn}"),
    },
    streams = [Task],
)]
struct Tracker {
    /// How to log in.
    login: Login,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
