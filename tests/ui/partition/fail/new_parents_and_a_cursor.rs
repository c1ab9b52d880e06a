//! The children of old parents are never asked for again, and have a cursor.
// Underlined: `Project`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/{parent.id}/tasks", parent = Project(id, new_parents_only = true), cursor = datetime(updated_at))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
