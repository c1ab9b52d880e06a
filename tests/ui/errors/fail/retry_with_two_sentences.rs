//! The end of the tries has two sentences.
// Underlined: the second.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [status(503) => retry(fail = "broken", config_error = "switched off")])]
struct Task {
    id: u64,
}

fn main() {}
