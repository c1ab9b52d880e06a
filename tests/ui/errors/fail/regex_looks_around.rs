//! The regular expression looks ahead.
// Underlined: the pattern.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", backoff = wait_from_header("X-Limits", regex = "[0-9]+(?=s)"))]
struct Task {
    id: u64,
}

fn main() {}
