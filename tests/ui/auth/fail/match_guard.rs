//! An arm has a guard, but only the variant decides.
// Underlined: `token.expose().is_empty()`, the guard.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = match config.login {
        Login::Token { token } if token.expose().is_empty() => none,
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
