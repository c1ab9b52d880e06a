//! The primary key is written as the JSON key, not as the field.
// Underlined: `taskId`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = taskId)]
#[serde(rename_all = "camelCase")]
struct Task {
    task_id: u64,
}

fn main() {}
