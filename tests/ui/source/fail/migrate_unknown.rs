//! A change that does not exist.
// Underlined: `renam`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", migrate_config = renam("apiKey", config.token), streams = [Task])]
struct Tracker {
    /// The access token.
    token: String,
    /// Where the tracker is.
    region: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
