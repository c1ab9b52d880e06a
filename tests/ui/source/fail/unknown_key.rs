//! A key of `#[source]` is misspelt.
// Underlined: `concurency`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", concurency = 4, streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
