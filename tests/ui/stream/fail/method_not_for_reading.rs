//! The method changes data.
// Underlined: `DELETE`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", method = DELETE)]
struct Task {
    id: u64,
}

fn main() {}
