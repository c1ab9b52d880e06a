//! A column has no room in any request.
// Underlined: `columns`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = id, properties = columns(param = "fields", characters = 10))]
struct Task {
    id: u64, description: String,
}

fn main() {}
