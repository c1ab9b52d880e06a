//! A request has two limits.
// Underlined: `characters = 2000`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    primary_key = id,
    properties = columns(param = "fields", property_count = 50, characters = 2000),
)]
struct Task {
    id: u64,
}

fn main() {}
