//! There is no such kind of cursor.
// Underlined: `date_time`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = date_time(updated_at))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
