//! The manifest of a source has a mistake.
// Underlined: the file, in quotes.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task], manifest = "ui/manifest/fail/of_a_source.yaml")]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
