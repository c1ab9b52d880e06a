//! The start is a number.
// Underlined: `2020`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, start = 2020))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
