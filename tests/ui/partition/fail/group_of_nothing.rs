//! A group holds no values.
// Underlined: `group`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/{partition.id}/tasks", partition = group(0, list(id = ["1"])))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
