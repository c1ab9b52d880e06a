//! The attribute stands above a function.
// Underlined: `fn`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/tasks")]
fn tasks() {}

fn main() {}
