//! The parent's list has a field that its records do not have.
// Underlined: `gid`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    name: String,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Project(gid))]
struct Task {
    id: u64,
}

fn main() {}
