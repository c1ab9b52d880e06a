//! A rule stands alone, without the brackets of a list.
// Underlined: `=>`, or the rule.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", error_handler = status(404) => ignore)]
struct Task {
    id: u64,
}

fn main() {}
