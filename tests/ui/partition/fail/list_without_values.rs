//! A list names no key and no values.
// Underlined: `list`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list())]
struct Task {
    id: u64,
}

fn main() {}
