//! A page holds no records.
// Underlined: `page_size = 0`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = offset_increment(page_size = 0, page_size_param = "limit"))]
struct Task {
    id: u64,
}

fn main() {}
