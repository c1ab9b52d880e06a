//! An argument belongs to another paginator.
// Underlined: `start_page`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = offset_increment(page_size = 100, start_page = 0))]
struct Task {
    id: u64,
}

fn main() {}
