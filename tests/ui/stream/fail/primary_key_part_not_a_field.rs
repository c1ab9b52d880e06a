//! One part of a composite primary key is not a field.
// Underlined: `numbr`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = (project, numbr))]
struct Task {
    project: String,
    number: u64,
}

fn main() {}
