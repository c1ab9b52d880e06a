//! The second of several formats does not fit the field.
// Underlined: `formats = […]`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, formats = ["%Y-%m-%dT%H:%M:%S%z", "%s"]))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
