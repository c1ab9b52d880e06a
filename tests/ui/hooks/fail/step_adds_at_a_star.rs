//! A field cannot be written at any key.
// Underlined: `add("*.region", "eu")`,.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", transform = [add("*.region", "eu")])]
struct Task {
    id: u64,
}

fn main() {}
