//! The transformation only looks at the record.
// Underlined: `shorten`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

fn shorten(task: &Task) {
    let _ = task.title.len();
}

#[stream(source = Tracker, path = "/tasks", transform = shorten)]
struct Task {
    title: String,
}

fn main() {}
