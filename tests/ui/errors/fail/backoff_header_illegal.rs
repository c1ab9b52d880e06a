//! The wait is in an illegal header.
// Underlined: `wait_from_header("Retry After")`, or the name.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", backoff = wait_from_header("Retry After"))]
struct Task {
    id: u64,
}

fn main() {}
