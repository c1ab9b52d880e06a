//! Seconds stand before the `T` of a duration.
// Underlined: `granularity = "P1S"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, granularity = "P1S"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
