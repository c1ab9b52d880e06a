//! The field is a number, but the format is text.
// Underlined: `format = "%Y-%m-%d"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated, format = "%Y-%m-%d"))]
struct Task {
    id: u64,
    updated: i64,
}

fn main() {}
