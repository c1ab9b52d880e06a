//! A type of the connector's own does not exist.
// Underlined: `ByLeter`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

struct ByLetter;

#[stream(source = Tracker, path = "/tasks", paginator = ByLeter)]
struct Task {
    id: u64,
}

fn main() {}
