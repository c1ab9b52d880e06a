//! An argument stands alone, as if it were a flag.
// Underlined: `inject_on_first_request`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = offset_increment(page_size = 100, inject_on_first_request))]
struct Task {
    id: u64,
}

fn main() {}
