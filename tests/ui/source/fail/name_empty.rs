//! The connector's name is empty.
// Underlined: `""`.

use airbyte_runtime::prelude::*;

#[source(name = "", base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
