//! The path is not a text.
// Underlined: `5`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = 5)]
struct Task {
    id: u64,
}

fn main() {}
