//! The letters of a duration are small.
// Underlined: `max = "pt5m"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", backoff = exponential(max = "pt5m"))]
struct Task {
    id: u64,
}

fn main() {}
