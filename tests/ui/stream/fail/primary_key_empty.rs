//! The primary key names no field.
// Underlined: `()`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", primary_key = ())]
struct Task {
    id: u64,
}

fn main() {}
