//! A child is in the group of its parent, and could never begin.
// Underlined: the child in `streams`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects", group = "exports")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Project, group = "exports")]
struct Task {
    id: u64,
}

fn main() {}
