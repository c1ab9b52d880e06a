//! A duration is a number and a unit, not ISO 8601.
// Underlined: `step = "30D"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, start = "2020-01-01", step = "30D"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
