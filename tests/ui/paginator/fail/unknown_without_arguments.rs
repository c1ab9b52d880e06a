//! There is no such paginator, and it is written without parentheses.
// Underlined: `link_heder`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = link_heder)]
struct Task {
    id: u64,
}

fn main() {}
