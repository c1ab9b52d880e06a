//! The primary key is a field that serde skips.
// Underlined: `id` behind `primary_key =`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = id)]
struct Task {
    #[serde(skip)]
    id: u64,
    title: String,
}

fn main() {}
