//! An argument is misspelt.
// Underlined: `pagesize`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = offset_increment(pagesize = 100))]
struct Task {
    id: u64,
}

fn main() {}
