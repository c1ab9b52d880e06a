//! A rule has `=` in place of `=>`.
// Underlined: `=`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [status(404) = ignore])]
struct Task {
    id: u64,
}

fn main() {}
