//! A key that every stream needs is misspelt: that it is missing is not said as well.
// Underlined: `paht`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, paht = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
