//! The cursor does not say which field it is.
// Underlined: `datetime`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(start = "2020-01-01"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
