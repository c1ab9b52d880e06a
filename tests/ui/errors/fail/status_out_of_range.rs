//! There is no such status.
// Underlined: `status(4040)`, or `4040`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [status(4040) => ignore])]
struct Task {
    id: u64,
}

fn main() {}
