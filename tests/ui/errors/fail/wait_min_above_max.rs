//! The shortest wait is longer than the longest.
// Underlined: `wait_from_header`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", backoff = wait_from_header("Retry-After", min = "PT1H", max = "PT1M"))]
struct Task {
    id: u64,
}

fn main() {}
