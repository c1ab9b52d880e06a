//! The base URL is not a text.
// Underlined: `https`, or the whole value.

use airbyte_runtime::prelude::*;

#[source(base_url = https, streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
