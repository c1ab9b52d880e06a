//! A placeholder has spaces, as in Jinja.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The region of the account.
    region: String,
}

#[stream(source = Tracker, path = "/{ config.region }/tasks")]
struct Task {
    id: u64,
}

fn main() {}
