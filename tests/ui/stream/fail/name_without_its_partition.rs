//! A name has a placeholder, and the stream no partition.
// Underlined: the name.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, name = "tasks_{partition.board}", path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
