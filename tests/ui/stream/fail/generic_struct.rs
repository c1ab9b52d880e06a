//! The struct is generic.
// Underlined: `<T>`, or `T`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task<T> {
    id: T,
}

fn main() {}
