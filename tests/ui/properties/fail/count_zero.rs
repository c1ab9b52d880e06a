//! A request names no property at all.
// Underlined: `property_count = 0`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = id, properties = columns(param = "fields", property_count = 0))]
struct Task {
    id: u64,
}

fn main() {}
