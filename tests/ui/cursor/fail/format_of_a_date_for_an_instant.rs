//! The field is an instant, but the format has no time of day.
// Underlined: `format = "%Y-%m-%d"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, format = "%Y-%m-%d"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
