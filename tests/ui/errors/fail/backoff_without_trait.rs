//! A type of the connector's own does not implement the trait.
// Underlined: `Patient`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

struct Patient;

#[stream(source = Tracker, path = "/tasks", backoff = [wait_from_header("Retry-After"), Patient])]
struct Task {
    id: u64,
}

fn main() {}
