//! A field of a pattern is itself matched.
// Underlined: `Some(token)`, or its end.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = match config.login {
        Login::Token { token: Some(token) } => bearer(token),
        _ => none,
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
        token: Option<Secret>,
    },
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
