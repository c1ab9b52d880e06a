//! A list of steps is empty.
// Underlined: `[]`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", transform = [])]
struct Task {
    id: u64,
}

fn main() {}
