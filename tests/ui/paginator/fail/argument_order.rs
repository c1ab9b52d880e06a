//! An argument without a name stands behind one with a name.
// Underlined: `"paging.next"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = next_url(page_size = 100, "paging.next"))]
struct Task {
    id: u64,
}

fn main() {}
