//! The query names, without quotes, a config field that the source does not have.
// Underlined: `stats`, the last segment of `config.stats`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The status to read.
    status: String,
}

#[stream(source = Tracker, path = "/tasks", query = { status = config.stats })]
struct Task {
    id: u64,
}

fn main() {}
