//! The share is written as a text.
// Underlined: `"5%"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(region = ["eu", "us"]), failure_tolerance = "5%")]
struct Task {
    id: u64,
}

fn main() {}
