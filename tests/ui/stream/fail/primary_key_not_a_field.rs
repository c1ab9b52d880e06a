//! The primary key is not a field of the struct.
// Underlined: `gid`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = gid)]
struct Task {
    id: u64,
    title: String,
}

fn main() {}
