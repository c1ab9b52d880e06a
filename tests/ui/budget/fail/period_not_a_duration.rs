//! The period is not an ISO 8601 duration.
// Underlined: the argument.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    budget   = [requests => fixed_window(call_limit = 100, period = "1 minute")],
    streams  = [Task],
)]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
