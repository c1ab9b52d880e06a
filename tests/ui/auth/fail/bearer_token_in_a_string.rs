//! The token is a plain text of the configuration.
// Underlined: `token` of `config.token`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = bearer(config.token),
    streams = [Task],
)]
struct Tracker {
    /// The token.
    token: Option<String>,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
