//! The source has classes for a manifest, and no manifest.
// Underlined: `registry`, the key.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task], registry = airbyte_runtime::manifest::Registry::new())]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
