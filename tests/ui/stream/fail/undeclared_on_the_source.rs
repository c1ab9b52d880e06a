//! `undeclared` on the source.
// Underlined: `undeclared`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task], undeclared = drop)]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
