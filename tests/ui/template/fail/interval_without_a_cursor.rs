//! The query names the interval, but the stream has no cursor.
// Underlined: the query's text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", query = { since = "{interval.start}" })]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
