//! The shortest window is a number of days, not a duration.
// Underlined: `min_split_window = "2 days"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    cursor = integer(id),
    request_window_splitting = halves(min_split_window = "2 days"),
)]
struct Task {
    id: u64,
}

fn main() {}
