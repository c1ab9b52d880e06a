//! The path names a field that the parent's records do not have.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    gid: String,
    name: String,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Project)]
struct Task {
    id: u64,
}

fn main() {}
