//! The token is a partition's value, but the stream has no partitions.
// Underlined: `account` of `partition.account`, or the whole path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", auth = bearer(partition.account))]
struct Task {
    id: u64,
}

fn main() {}
