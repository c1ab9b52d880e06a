//! A date format is written as in other languages.
// Underlined: `format = "YYYY-MM-DD"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, format = "YYYY-MM-DD"))]
struct Task {
    id: u64,
    updated_at: String,
}

fn main() {}
