//! A window is smaller than the smallest difference between two values.
// Underlined: `datetime`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    cursor = datetime(updated_at, start = "2020-01-01", step = "PT1H", granularity = "P1D"),
)]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
