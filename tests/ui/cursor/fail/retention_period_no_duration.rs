//! A retention period is an ISO 8601 duration.
// Underlined: the duration.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Change])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/changes",
    cursor = datetime(updated_at, start_param = "since"),
    full_refresh = AllTasks(api_retention_period = "30 days"),
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
