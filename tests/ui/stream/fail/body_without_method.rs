//! A body, but the default method `GET`.
// Underlined: `body`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks/search", body = { status = "open" })]
struct Task {
    id: u64,
}

fn main() {}
