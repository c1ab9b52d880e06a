//! The values are one text, not a list.
// Underlined: `"eu"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(region = "eu"))]
struct Task {
    id: u64,
}

fn main() {}
