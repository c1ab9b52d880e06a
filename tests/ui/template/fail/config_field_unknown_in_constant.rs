//! The path is a constant that names an unknown config field.
// Underlined: `PATH` in the attribute.

use airbyte_runtime::prelude::*;

const PATH: &str = "/{config.regoin}/tasks";

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The region of the account.
    region: String,
}

#[stream(source = Tracker, path = PATH)]
struct Task {
    id: u64,
}

fn main() {}
