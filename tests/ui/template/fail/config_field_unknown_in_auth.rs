//! The authentication names a config field that the source does not have.
// Underlined: `tokn`, the last segment of `config.tokn`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", auth = bearer(config.tokn), streams = [Task])]
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
