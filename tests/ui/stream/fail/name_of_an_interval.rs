//! The name of a stream has to be known before its windows are.
// Underlined: the name.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, name = "tasks_{interval.start}", path = "/tasks", cursor = datetime(updated_at))]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
