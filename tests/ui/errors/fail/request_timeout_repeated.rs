//! The time that a request may take is said twice.
// Underlined: the second `request_timeout`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", request_timeout = "PT1H", request_timeout = "PT2H")]
struct Task {
    id: u64,
}

fn main() {}
