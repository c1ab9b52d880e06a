//! The number of requests comes from a config field that does not exist.
// Underlined: `worker`, the last segment of `config.worker`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", concurrency = config.worker, streams = [Task])]
struct Tracker {
    /// The most requests at one time.
    #[config(default = 10)]
    workers: u32,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
