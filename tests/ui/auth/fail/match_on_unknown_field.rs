//! `match` chooses by a config field that the source does not have.
// Underlined: `logn`, the last segment of `config.logn`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = match config.logn {
        Login::Token { token } => bearer(token),
        Login::Guest => none,
    },
    streams = [Task],
)]
struct Tracker {
    /// How to log in.
    login: Login,
}

#[config]
enum Login {
    /// A personal access token.
    Token {
        /// The token.
        #[config(secret)]
        token: Secret,
    },
    /// Nothing.
    Guest,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
