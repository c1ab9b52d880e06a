//! There is no state that would choose.
// Underlined: `full_refresh`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Change])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/changes",
    full_refresh = AllTasks,
)]
struct Change {
    id: u64,
    updated_at: Timestamp,
}

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at))]
struct AllTasks {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
