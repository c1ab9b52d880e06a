//! A parent is to be read from where it was, and has no cursor.
// Underlined: `incremental_dependency = true`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/{parent.id}/tasks", parent = Project(id, incremental_dependency = true), cursor = datetime(updated_at))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
