//! A rule begins with a status alone.
// Underlined: `404`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [404 => ignore])]
struct Task {
    id: u64,
}

fn main() {}
