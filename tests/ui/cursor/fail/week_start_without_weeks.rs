//! The day on which weeks begin is said, but nothing counts weeks.
// Underlined: `datetime`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, start = "2024-01-01", week_start = SUNDAY))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
