//! A date format has a directive that does not exist.
// Underlined: `format = "%Y-%m-%d %T"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = datetime(updated_at, format = "%Y-%m-%d %T"))]
struct Task {
    id: u64,
    updated_at: String,
}

fn main() {}
