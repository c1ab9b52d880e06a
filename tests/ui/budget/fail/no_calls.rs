//! A limit of no calls would read nothing.
// Underlined: the argument.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    budget   = [requests => fixed_window(call_limit = 0, period = "PT1M")],
    streams  = [Task],
)]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
