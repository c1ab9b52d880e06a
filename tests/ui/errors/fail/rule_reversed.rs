//! The two sides of a rule are swapped.
// Underlined: `ignore`, or both sides.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [ignore => status(404)])]
struct Task {
    id: u64,
}

fn main() {}
