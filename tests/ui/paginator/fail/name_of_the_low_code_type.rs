//! The paginator is written as the low-code type is called.
// Underlined: `PageIncrement`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = PageIncrement(page_size = 100))]
struct Task {
    id: u64,
}

fn main() {}
