//! An interval has no such bound.
// Underlined: the query's text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", query = { since = "{interval.begin}" }, cursor = datetime(updated_at))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
