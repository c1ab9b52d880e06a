//! `next_url` does not say where the URL is.
// Underlined: `next_url`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = next_url)]
struct Task {
    id: u64,
}

fn main() {}
