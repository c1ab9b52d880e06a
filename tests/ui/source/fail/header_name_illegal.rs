//! A header name ends in a colon.
// Underlined: `"Accept:"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", headers = { "Accept:" = "application/json" }, streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
