//! Records are a union.
// Underlined: `Task`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
union Task {
    id: u64,
    number: u32,
}

fn main() {}
