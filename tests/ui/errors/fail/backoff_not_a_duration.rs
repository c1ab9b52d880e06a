//! A wait is a number and a unit, not ISO 8601.
// Underlined: `constant("5s")`, or `"5s"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", backoff = constant("5s"))]
struct Task {
    id: u64,
}

fn main() {}
