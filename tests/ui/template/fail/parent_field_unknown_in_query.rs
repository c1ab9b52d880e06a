//! The query names, without quotes, a field that the parent's records do not have.
// Underlined: `nam`, the last segment of `parent.nam`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
    name: String,
}

#[stream(source = Tracker, path = "/tasks", query = { project = parent.nam }, parent = Project)]
struct Task {
    id: u64,
}

fn main() {}
