//! The path of the records is not a text.
// Underlined: `data`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", records = data)]
struct Task {
    id: u64,
}

fn main() {}
