//! `joined` gets a number.
// Underlined: `joined`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", query = { ids = joined(5) })]
struct Task {
    id: u64,
}

fn main() {}
