//! A pattern is a text, not a variant.
// Underlined: `"token"`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = match config.login {
        "token" => bearer(config.token),
        _ => none,
    },
    streams = [Task],
)]
struct Tracker {
    /// How to log in.
    login: String,
    /// The access token.
    #[config(secret)]
    token: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
