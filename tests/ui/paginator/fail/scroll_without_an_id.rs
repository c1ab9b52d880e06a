//! The id of a scroll goes nowhere.
// Underlined: `scroll(…)`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    paginator = scroll(id_path = "_scroll_id", path = "/_search/scroll"),
)]
struct Task {
    id: u64,
}

fn main() {}
