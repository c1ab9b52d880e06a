//! A config field is written without `config.`.
// Underlined: `token` in `bearer(token)`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", auth = bearer(token), streams = [Task])]
struct Tracker {
    /// The access token.
    #[config(secret)]
    token: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
