//! There is no comma between two arguments.
// Underlined: `primary_key`, the key that lacks a comma before it.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks" primary_key = id)]
struct Task {
    id: u64,
}

fn main() {}
