//! A list and the parents beside it have different names.
// Underlined: `parents`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/{partition.project}/tasks", partition = union(list(project = ["1"]), parents), parent = Project(id))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
