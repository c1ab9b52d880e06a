//! The transformation changes a field that records do not have.
// Underlined: `titel`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

fn shorten(task: &mut Task) {
    task.titel.truncate(80);
}

#[stream(source = Tracker, path = "/tasks", transform = shorten)]
struct Task {
    title: String,
}

fn main() {}
