//! A matcher looks at an illegal header.
// Underlined: `header("X Remaining", "0")`, or its name.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [header("X Remaining", "0") => rate_limited])]
struct Task {
    id: u64,
}

fn main() {}
