//! `#[config]` of a source's field stands on a stream's field.
// Underlined: `secret`, or the attribute.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    #[config(secret)]
    id: u64,
}

fn main() {}
