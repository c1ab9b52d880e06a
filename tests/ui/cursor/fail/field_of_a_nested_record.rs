//! The cursor is a field of a nested record.
// Underlined: `dates.updated_at`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(dates.updated_at))]
struct Task {
    id: u64,
    dates: Dates,
}

#[record]
struct Dates {
    updated_at: Timestamp,
}

fn main() {}
