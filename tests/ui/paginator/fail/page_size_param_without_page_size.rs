//! The page size has a parameter, but no value.
// Underlined: `link_header`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = link_header(page_size_param = "per_page"))]
struct Task {
    id: u64,
}

fn main() {}
