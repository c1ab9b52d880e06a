//! There is no function of the filter's name.
// Underlined: `is_opn`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

fn is_open(task: &Task) -> bool {
    task.open
}

#[stream(source = Tracker, path = "/tasks", filter = is_opn)]
struct Task {
    open: bool,
}

fn main() {}
