//! The time that a request may take is written as people say it.
// Underlined: `"1h"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", request_timeout = "1h")]
struct Task {
    id: u64,
}

fn main() {}
