//! A type of the connector's own does not implement the trait.
// Underlined: `OpenOnly`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

struct OpenOnly;

#[stream(source = Tracker, path = "/tasks", filter = OpenOnly)]
struct Task {
    id: u64,
}

fn main() {}
