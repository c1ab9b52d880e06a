//! The primary key is written as a text.
// Underlined: `"id"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = "id")]
struct Task {
    id: u64,
}

fn main() {}
