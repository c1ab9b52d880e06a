//! The field that names a record is not to count.
// Underlined: `ignore = [id]`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/{parent.id}/tasks", parent = Project, cursor = content_hash(id, ignore = [id]))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
