//! `:` stands where `=` belongs.
// Underlined: the `:`, or the argument.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = offset_increment(page_size: 100))]
struct Task {
    id: u64,
}

fn main() {}
