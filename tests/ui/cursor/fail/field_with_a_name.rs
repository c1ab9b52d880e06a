//! The cursor field is written as the low-code format writes it.
// Underlined: `cursor_field`, or `datetime`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(cursor_field = updated_at))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
