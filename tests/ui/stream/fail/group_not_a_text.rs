//! The group is written as a name.
// Underlined: `exports`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", group = exports)]
struct Task {
    id: u64,
}

fn main() {}
