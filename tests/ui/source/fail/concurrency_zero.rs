//! No request may be in flight.
// Underlined: `0`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", concurrency = 0, streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
