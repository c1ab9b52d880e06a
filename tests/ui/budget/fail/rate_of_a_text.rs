//! The rates are written as text.
// Underlined: the text.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    budget   = [requests => moving_window(rates = ["10/s"])],
    streams  = [Task],
)]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
