//! A field stands twice in the primary key.
// Underlined: the second `id`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = (id, id))]
struct Task {
    id: u64,
}

fn main() {}
