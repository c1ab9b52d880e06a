//! The field of the configuration does not exist.
// Underlined: `config.calls`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    budget   = [requests => fixed_window(call_limit_from = config.calls, period = "PT1M")],
    streams  = [Task],
)]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
