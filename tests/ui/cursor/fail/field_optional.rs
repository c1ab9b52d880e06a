//! The cursor field may be absent.
// Underlined: `Option<Timestamp>`, the field's type.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at))]
struct Task {
    id: u64,
    updated_at: Option<Timestamp>,
}

fn main() {}
