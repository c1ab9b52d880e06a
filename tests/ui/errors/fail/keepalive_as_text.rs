//! The flag is written as a text.
// Underlined: `"yes"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", tcp_keepalive = "yes")]
struct Task {
    id: u64,
}

fn main() {}
