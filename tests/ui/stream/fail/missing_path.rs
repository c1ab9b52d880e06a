//! The stream does not say where its records are.
// Underlined: `Task`, the struct's name.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, primary_key = id)]
struct Task {
    id: u64,
}

fn main() {}
