//! A key of `#[stream]` is misspelt.
// Underlined: `paginater`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginater = link_header)]
struct Task {
    id: u64,
}

fn main() {}
