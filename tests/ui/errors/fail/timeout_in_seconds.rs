//! The timeout is a number of seconds.
// Underlined: `30`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", connect_timeout = 30)]
struct Task {
    id: u64,
}

fn main() {}
