//! The calendar has no such unit.
// Underlined: `DAYS`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, start = "2024-01-01", clamping = DAYS))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
