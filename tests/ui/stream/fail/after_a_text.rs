//! The stream that comes before is written as a text.
// Underlined: `"Project"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/tasks", after = "Project")]
struct Task {
    id: u64,
}

fn main() {}
