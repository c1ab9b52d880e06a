//! A placeholder of a partition that the stream has not.
// Underlined: `{partition.region}`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", transform = [add("region", "{partition.region}")])]
struct Task {
    id: u64,
}

fn main() {}
