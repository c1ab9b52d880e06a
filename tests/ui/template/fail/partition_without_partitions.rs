//! The path names a partition key, but the stream has no partitions.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/{partition.region}/tasks")]
struct Task {
    id: u64,
}

fn main() {}
