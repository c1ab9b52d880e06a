//! `integer` follows a text.
// Underlined: `integer`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", cursor = integer(number))]
struct Task {
    id: u64,
    number: String,
}

fn main() {}
