//! The partitions are a config field that the source does not have.
// Underlined: `region`, the last segment of `config.region`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The regions to read.
    regions: Vec<String>,
}

#[stream(source = Tracker, path = "/{partition.region}/tasks", partition = list(region = config.region))]
struct Task {
    id: u64,
}

fn main() {}
