//! A key of `#[stream]` stands in `#[source]`.
// Underlined: `paginator`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", paginator = link_header, streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
