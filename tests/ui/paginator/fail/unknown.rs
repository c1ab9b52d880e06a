//! There is no such paginator.
// Underlined: `page_incremnt`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = page_incremnt(page_size = 100))]
struct Task {
    id: u64,
}

fn main() {}
