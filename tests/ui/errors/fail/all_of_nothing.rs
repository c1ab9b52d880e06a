//! The combination is empty and would hold for every answer.
// Underlined: `all`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [all([]) => ignore])]
struct Task {
    id: u64,
}

fn main() {}
