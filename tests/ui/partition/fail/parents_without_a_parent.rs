//! A union takes the records of a parent that is not there.
// Underlined: `parents`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/{partition.id}/tasks", partition = union(list(id = ["1"]), parents))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
