//! The filter does not say whether the record is kept.
// Underlined: `look_at`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

fn look_at(_: &Task) {}

#[stream(source = Tracker, path = "/tasks", filter = look_at)]
struct Task {
    id: u64,
}

fn main() {}
