//! A type of the connector's own does not implement the trait.
// Underlined: `Lenient`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

struct Lenient;

#[stream(source = Tracker, path = "/tasks", error_handler = Lenient)]
struct Task {
    id: u64,
}

fn main() {}
