//! A key is the end of one of ours.
// Underlined: `url`.

use airbyte_runtime::prelude::*;

#[source(url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
