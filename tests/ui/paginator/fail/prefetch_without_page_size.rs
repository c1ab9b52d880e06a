//! Offsets of pages whose size nobody knows.
// Underlined: `offset_increment`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = offset_increment(prefetch = 8))]
struct Task {
    id: u64,
}

fn main() {}
