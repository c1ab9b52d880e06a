//! The kinds of several paths are `union` and `first_match`.
// Underlined: `first`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", records = first("data.items", "items"))]
struct Task {
    id: u64,
}

fn main() {}
