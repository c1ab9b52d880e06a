//! A request may take no time at all.
// Underlined: `"PT0S"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", request_timeout = "PT0S", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
