//! The source lists no streams.
// Underlined: `Tracker`, the struct's name.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com")]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
