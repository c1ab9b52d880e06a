//! Properties are to be asked for, but not where.
// Underlined: `columns`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", properties = columns())]
struct Task {
    id: u64,
}

fn main() {}
