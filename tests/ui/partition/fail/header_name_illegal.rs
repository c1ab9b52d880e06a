//! The partition's value goes into an illegal header.
// Underlined: `header = "X Region"`, or its value.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(region = ["eu", "us"], header = "X Region"))]
struct Task {
    id: u64,
}

fn main() {}
