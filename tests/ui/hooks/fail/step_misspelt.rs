//! A step that does not exist.
// Underlined: `flaten`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", transform = [flaten()])]
struct Task {
    id: u64,
}

fn main() {}
