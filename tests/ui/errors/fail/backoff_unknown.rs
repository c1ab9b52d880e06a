//! There is no such backoff.
// Underlined: `exponental`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", backoff = exponental(base = "PT1S"))]
struct Task {
    id: u64,
}

fn main() {}
