//! A form, and `GET` in so many words.
// Underlined: `form`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks/search", method = GET, form = { status = "open" })]
struct Task {
    id: u64,
}

fn main() {}
