//! The body is a text, not a map.
// Underlined: the text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks/search", method = POST, body = "status=open")]
struct Task {
    id: u64,
}

fn main() {}
