//! A count is negative.
// Underlined: `-1`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", max_retries = -1)]
struct Task {
    id: u64,
}

fn main() {}
