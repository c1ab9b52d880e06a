//! Records are an enum.
// Underlined: `Task`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
enum Task {
    Open { id: u64 },
    Closed { id: u64 },
}

fn main() {}
