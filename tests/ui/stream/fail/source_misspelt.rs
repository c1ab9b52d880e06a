//! There is no type of the source's name.
// Underlined: `Traker`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project])]
struct Tracker;

#[stream(source = Tracker, path = "/projects")]
struct Project {
    id: u64,
}

#[stream(source = Traker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
