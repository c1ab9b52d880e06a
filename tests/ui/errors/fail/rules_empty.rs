//! The error handler has no rules.
// Underlined: `[]`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [])]
struct Task {
    id: u64,
}

fn main() {}
