//! One request asks for everything, so nothing is merged.
// Underlined: `columns`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", properties = columns(param = "fields", merge_by = id))]
struct Task {
    id: u64,
}

fn main() {}
