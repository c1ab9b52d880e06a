//! The list of streams is empty.
// Underlined: `[]`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
