//! A pattern names a variant that the enum does not have.
// Underlined: `Tokn`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = match config.login {
        Login::Tokn { token } => bearer(token),
        Login::Guest => none,
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
