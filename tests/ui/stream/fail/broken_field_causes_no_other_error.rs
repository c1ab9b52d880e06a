//! A field's type does not exist.
// Underlined: `Heading`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = id)]
struct Task {
    id: u64,
    title: Heading,
}

fn main() {}
