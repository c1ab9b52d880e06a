//! A listed struct has no `#[stream]`.
// Underlined: `User` in `streams`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task, User])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

#[record]
struct User {
    name: String,
}

fn main() {}
