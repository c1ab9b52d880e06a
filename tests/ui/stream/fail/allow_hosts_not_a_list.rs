//! `allow_hosts` is a text, not a list of texts.
// Underlined: the text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", allow_hosts = "files.example.com")]
struct Task {
    id: u64,
}

fn main() {}
