//! More than all partitions may fail.
// Underlined: `percent`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(region = ["eu", "us"]), failure_tolerance = percent(500))]
struct Task {
    id: u64,
}

fn main() {}
