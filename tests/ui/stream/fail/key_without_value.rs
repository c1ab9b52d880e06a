//! `path` stands alone, as if it were a flag.
// Underlined: `path`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path)]
struct Task {
    id: u64,
}

fn main() {}
