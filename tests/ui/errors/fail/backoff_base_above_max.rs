//! The first wait is longer than the longest.
// Underlined: `exponential`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", backoff = exponential(base = "PT10M", max = "PT1M"))]
struct Task {
    id: u64,
}

fn main() {}
