//! A header has several values.
// Underlined: `Accept`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", headers = { Accept = ["application/json", "text/json"] })]
struct Task {
    id: u64,
}

fn main() {}
