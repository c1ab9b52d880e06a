//! More pages ahead than anybody should ask for.
// Underlined: `prefetch = 64`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = page_increment(page_size = 100, prefetch = 64))]
struct Task {
    id: u64,
}

fn main() {}
