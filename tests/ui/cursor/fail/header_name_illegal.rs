//! The start of the window goes into an illegal header.
// Underlined: `start_header = "If Modified Since"`, or its value.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, start_header = "If Modified Since"))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
