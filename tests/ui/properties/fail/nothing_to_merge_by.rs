//! The columns are divided, and nothing puts the parts of a record together.
// Underlined: `columns`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", properties = columns(param = "fields", property_count = 50))]
struct Task {
    id: u64,
}

fn main() {}
