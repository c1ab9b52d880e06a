//! A placeholder names nothing.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/{}/tasks")]
struct Task {
    id: u64,
}

fn main() {}
