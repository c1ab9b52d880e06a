//! A stream stands twice in the list.
// Underlined: the second `Task`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
