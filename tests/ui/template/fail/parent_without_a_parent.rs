//! The path names a parent's field, but the stream has no parent.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects/{parent.id}/tasks")]
struct Task {
    id: u64,
}

fn main() {}
