//! The cursor is not a field of the struct.
// Underlined: `updatd_at`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updatd_at))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
