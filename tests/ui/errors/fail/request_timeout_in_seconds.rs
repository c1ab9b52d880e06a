//! The time that a request may take is a number of seconds.
// Underlined: `3600`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", request_timeout = 3600)]
struct Task {
    id: u64,
}

fn main() {}
