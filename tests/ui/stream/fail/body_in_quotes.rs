//! A body that is a text stands within `text`.
// Underlined: the text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", method = POST, body = "<Get/>")]
struct Task {
    id: u64,
}

fn main() {}
