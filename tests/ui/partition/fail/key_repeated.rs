//! Two partitions have one key.
// Underlined: the second `region`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/{partition.region}/tasks",
    partition = [list(region = ["eu"]), list(region = ["us"])],
)]
struct Task {
    id: u64,
}

fn main() {}
