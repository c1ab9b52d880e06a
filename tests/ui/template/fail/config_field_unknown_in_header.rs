//! A header names a config field that the source does not have.
// Underlined: the header's text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The version of the API.
    version: String,
}

#[stream(source = Tracker, path = "/tasks", headers = { "X-Version" = "v{config.versoin}" })]
struct Task {
    id: u64,
}

fn main() {}
