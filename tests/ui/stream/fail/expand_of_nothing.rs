//! The list in a record has no path.
// Underlined: `items("")`,.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", expand = items(""))]
struct Task {
    id: u64,
}

fn main() {}
