//! The stream's name is not a text.
// Underlined: `tasks`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, name = tasks, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
