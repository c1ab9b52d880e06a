//! The paginator is written as a text.
// Underlined: `"link_header"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = "link_header")]
struct Task {
    id: u64,
}

fn main() {}
