//! The filter is a field's name, not a function.
// Underlined: `open`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", filter = open)]
struct Task {
    id: u64,
    open: bool,
}

fn main() {}
