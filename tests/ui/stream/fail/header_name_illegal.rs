//! A header name has a space.
// Underlined: `"X Api Version"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", headers = { "X Api Version" = "2" })]
struct Task {
    id: u64,
}

fn main() {}
