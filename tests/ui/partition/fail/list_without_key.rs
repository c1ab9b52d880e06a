//! A list has values, but no key.
// Underlined: the values.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(["eu", "us"]))]
struct Task {
    id: u64,
}

fn main() {}
