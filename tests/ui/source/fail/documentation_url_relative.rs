//! The documentation's URL is not absolute.
// Underlined: the URL.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", documentation_url = "docs.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
