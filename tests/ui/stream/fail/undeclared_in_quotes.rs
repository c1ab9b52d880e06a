//! The word for undeclared fields in quotes.
// Underlined: `"drop"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", undeclared = "drop")]
struct Task {
    id: u64,
}

fn main() {}
