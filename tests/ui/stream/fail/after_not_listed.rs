//! The stream that comes before is not one of the source's.
// Underlined: the later stream in `streams`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/tasks", after = [Project])]
struct Task {
    id: u64,
}

fn main() {}
