//! A query parameter is a map.
// Underlined: `filter` in the query.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", query = { filter = { status = "open" } })]
struct Task {
    id: u64,
}

fn main() {}
