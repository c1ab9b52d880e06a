//! A secret would stand in the catalog.
// Underlined: the name.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The key.
    key: Secret,
}

#[stream(source = Tracker, name = "tasks_{config.key}", path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
