//! A list and a parent give the partition one key.
// Underlined: `id` in the list, or in the parent.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(
    source = Tracker,
    path = "/projects/{parent.id}/tasks",
    parent = Project,
    partition = list(id = ["1", "2"], param = "id"),
)]
struct Task {
    id: u64,
}

fn main() {}
