//! A share of the partitions may fail, but there are none.
// Underlined: `failure_tolerance`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", failure_tolerance = percent(5))]
struct Task {
    id: u64,
}

fn main() {}
