//! The earliest start is said, but no start.
// Underlined: `datetime`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, start_min = "now-P2Y"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
