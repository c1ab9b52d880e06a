//! A bound that is counted from now has no ISO 8601 duration.
// Underlined: `start = "now-30D"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, start = "now-30D"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
