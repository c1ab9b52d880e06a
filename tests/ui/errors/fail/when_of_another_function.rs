//! The function takes the status, not the answer.
// Underlined: the function.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = [when(is_late) => retry])]
struct Task {
    id: u64,
}

fn is_late(status: u16) -> bool {
    status == 503
}

fn main() {}
