//! The path of the records has an empty key.
// Underlined: `"data..items"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", records = "data..items")]
struct Task {
    id: u64,
}

fn main() {}
