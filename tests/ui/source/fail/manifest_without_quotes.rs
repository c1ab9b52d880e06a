//! The manifest is a text.
// Underlined: `manifest`, the value.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task], manifest = manifest.yaml)]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
