//! The parent is the source.
// Underlined: `Tracker` behind `parent =`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks", parent = Tracker)]
struct Task {
    id: u64,
}

fn main() {}
