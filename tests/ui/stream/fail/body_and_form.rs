//! A request cannot carry JSON and a form.
// Underlined: `form`, the second of the two.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", method = POST, body = { status = "open" }, form = { page = 1 })]
struct Task {
    id: u64,
}

fn main() {}
