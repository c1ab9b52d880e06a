//! The filter looks at records of another stream.
// Underlined: `is_open`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    open: bool,
}

fn is_open(project: &Project) -> bool {
    project.open
}

#[stream(source = Tracker, path = "/tasks", filter = is_open)]
struct Task {
    id: u64,
}

fn main() {}
