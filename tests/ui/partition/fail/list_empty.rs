//! A list has no values, so nothing would be read.
// Underlined: `list`, or the values.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(region = [], param = "region"))]
struct Task {
    id: u64,
}

fn main() {}
