//! The old key is empty.
// Underlined: `rename("", config.token)`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", migrate_config = rename("", config.token), streams = [Task])]
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
