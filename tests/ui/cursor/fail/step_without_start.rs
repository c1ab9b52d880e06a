//! Windows are cut from a range that has no start.
// Underlined: `datetime`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, step = "P30D"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
