//! A stream comes after its own child.
// Underlined: `streams`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects", after = Task)]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Project)]
struct Task {
    id: u64,
}

fn main() {}
