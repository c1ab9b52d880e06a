//! There is no type of the parent's name.
// Underlined: `Projct`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Projct)]
struct Task {
    id: u64,
}

fn main() {}
