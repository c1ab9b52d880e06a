//! The struct borrows its fields.
// Underlined: `<'a>`, or `'a`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task<'a> {
    title: &'a str,
}

fn main() {}
