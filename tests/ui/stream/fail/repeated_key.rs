//! The path is written twice.
// Underlined: the second `path`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", path = "/todos")]
struct Task {
    id: u64,
}

fn main() {}
