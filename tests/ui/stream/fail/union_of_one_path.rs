//! A union of one path.
// Underlined: `union`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", records = union("open"))]
struct Task {
    id: u64,
}

fn main() {}
