//! An argument of a parent is misspelt.
// Underlined: `new_parents`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/{parent.id}/tasks", parent = Project(id, new_parents = true))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
