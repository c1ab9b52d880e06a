//! The query names a config field that the source does not have.
// Underlined: the query's text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The status to read.
    status: String,
}

#[stream(source = Tracker, path = "/tasks", query = { q = "is:{config.state}" })]
struct Task {
    id: u64,
}

fn main() {}
