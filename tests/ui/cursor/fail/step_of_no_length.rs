//! A window has no length.
// Underlined: `step = "P0D"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, start = "2020-01-01", step = "P0D"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
