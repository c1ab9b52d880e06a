//! A query parameter is written twice.
// Underlined: the second `status`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", query = { status = "open", status = "closed" })]
struct Task {
    id: u64,
}

fn main() {}
