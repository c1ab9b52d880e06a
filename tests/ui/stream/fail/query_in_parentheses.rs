//! A map stands in parentheses.
// Underlined: the parentheses.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", query = (status = "open"))]
struct Task {
    id: u64,
}

fn main() {}
