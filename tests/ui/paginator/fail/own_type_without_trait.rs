//! A type of the connector's own does not implement the trait.
// Underlined: `ByLetter`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

struct ByLetter;

#[stream(source = Tracker, path = "/tasks", paginator = ByLetter)]
struct Task {
    id: u64,
}

fn main() {}
