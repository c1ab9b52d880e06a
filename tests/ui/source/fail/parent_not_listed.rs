//! A listed stream's parent is not listed.
// Underlined: `Task` in `streams`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Project)]
struct Task {
    id: u64,
}

fn main() {}
