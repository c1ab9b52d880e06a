//! The first sync leaves no state.
// Underlined: the other stream.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Change])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/changes",
    cursor = datetime(updated_at, start_param = "since"),
    full_refresh = AllTasks,
)]
struct Change {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/tasks")]
struct AllTasks {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
