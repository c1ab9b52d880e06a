//! A path has two dots in a row.
// Underlined: `remove("user..name")`,.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", transform = [remove("user..name")])]
struct Task {
    id: u64,
}

fn main() {}
