//! The field is a number, whose unit is not known.
// Underlined: `datetime`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated))]
struct Task {
    id: u64,
    updated: i64,
}

fn main() {}
