//! A key of another tool, near to none of ours.
// Underlined: `endpoint`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", endpoint = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
