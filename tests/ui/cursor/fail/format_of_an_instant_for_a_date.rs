//! The field is a date, but the format has a time of day.
// Underlined: `format = "%Y-%m-%dT%H:%M:%SZ"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(due_on, format = "%Y-%m-%dT%H:%M:%SZ"))]
struct Task {
    id: u64,
    due_on: Date,
}

fn main() {}
