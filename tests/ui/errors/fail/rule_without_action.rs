//! A rule says when, but not what.
// Underlined: `status(404)`, or what follows it.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [status(404)])]
struct Task {
    id: u64,
}

fn main() {}
