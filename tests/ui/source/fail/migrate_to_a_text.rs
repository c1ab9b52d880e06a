//! A migration to a field in quotes.
// Underlined: `rename("apiKey", "token")`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", migrate_config = rename("apiKey", "token"), streams = [Task])]
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
