//! A key that every source needs is misspelt: that it is missing is not said as well.
// Underlined: `stream`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", stream = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
