//! A count is negative.
// Underlined: `-1`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = page_increment(page_size = -1))]
struct Task {
    id: u64,
}

fn main() {}
