//! A variant has no arm, in a stream.
// Underlined: `config.login` behind `match`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
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

#[stream(source = Tracker, path = "/tasks", auth = match config.login { Login::Token { token } => bearer(token) })]
struct Task {
    id: u64,
}

fn main() {}
