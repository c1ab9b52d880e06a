//! Windows are split, but there are none.
// Underlined: `request_window_splitting`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", request_window_splitting = halves)]
struct Task {
    id: u64,
}

fn main() {}
