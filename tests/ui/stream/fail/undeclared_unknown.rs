//! A word for undeclared fields that does not exist.
// Underlined: `ignore`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", undeclared = ignore)]
struct Task {
    id: u64,
}

fn main() {}
