//! The path names a config field, but the source has none.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/regions/{config.region}/tasks")]
struct Task {
    id: u64,
}

fn main() {}
