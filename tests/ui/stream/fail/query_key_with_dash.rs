//! A key with a `-` lacks its quotes.
// Underlined: `per`, or `per-page`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", query = { per-page = 100 })]
struct Task {
    id: u64,
}

fn main() {}
