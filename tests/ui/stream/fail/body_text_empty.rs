//! `text` has no text.
// Underlined: `text`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", method = POST, body = text())]
struct Task {
    id: u64,
}

fn main() {}
