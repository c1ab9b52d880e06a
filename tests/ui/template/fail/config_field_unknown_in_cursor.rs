//! The cursor starts at a config field that the source does not have.
// Underlined: `start_dat`, the last segment of `config.start_dat`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// Only tasks updated since then are synced.
    start_date: Timestamp,
}

#[stream(
    source = Tracker,
    path = "/tasks",
    cursor = datetime(updated_at, start = config.start_dat, start_param = "since"),
)]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
