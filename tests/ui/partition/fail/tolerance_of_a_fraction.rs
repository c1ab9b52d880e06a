//! The share is a fraction.
// Underlined: `0.05`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(region = ["eu", "us"]), failure_tolerance = percent(0.05))]
struct Task {
    id: u64,
}

fn main() {}
