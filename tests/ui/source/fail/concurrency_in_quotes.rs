//! A number is written as a text.
// Underlined: `"10"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", concurrency = "10", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
