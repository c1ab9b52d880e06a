//! The parent is a struct without `#[stream]`.
// Underlined: `Project` behind `parent =`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[record]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Project)]
struct Task {
    id: u64,
}

fn main() {}
