//! An argument is written twice.
// Underlined: the second `page_size`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = offset_increment(page_size = 100, page_size = 50))]
struct Task {
    id: u64,
}

fn main() {}
