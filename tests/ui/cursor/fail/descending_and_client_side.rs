//! What a sorted feed drops anyway is dropped once more.
// Underlined: `integer`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = integer(number, sorted = DESCENDING, client_side = true))]
struct Task {
    id: u64,
    number: u64,
}

fn main() {}
