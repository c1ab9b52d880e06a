//! One list has two keys.
// Underlined: `status`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", partition = list(region = ["eu", "us"], status = ["open", "done"]))]
struct Task {
    id: u64,
}

fn main() {}
