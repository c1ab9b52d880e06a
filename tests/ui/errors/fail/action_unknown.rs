//! There is no such action.
// Underlined: `ignor`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [status(404) => ignor])]
struct Task {
    id: u64,
}

fn main() {}
