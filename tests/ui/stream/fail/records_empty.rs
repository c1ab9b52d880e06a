//! The path of the records is empty.
// Underlined: `""`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", records = "")]
struct Task {
    id: u64,
}

fn main() {}
