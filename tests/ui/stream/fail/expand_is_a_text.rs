//! The path stands alone.
// Underlined: `"lines.data"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", expand = "lines.data")]
struct Task {
    id: u64,
}

fn main() {}
