//! The values are a config field that is one text.
// Underlined: `region`, the last segment of `config.region`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The region of the account.
    region: String,
}

#[stream(source = Tracker, path = "/{partition.region}/tasks", partition = list(region = config.region))]
struct Task {
    id: u64,
}

fn main() {}
