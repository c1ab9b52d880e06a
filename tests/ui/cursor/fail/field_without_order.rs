//! The cursor field's type has no order that an API could follow.
// Underlined: `Vec<String>`, the field's type.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(labels))]
struct Task {
    id: u64,
    labels: Vec<String>,
}

fn main() {}
