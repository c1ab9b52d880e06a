//! The cursor field is written as a text.
// Underlined: `"updated_at"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime("updated_at"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
