//! A `remap` without values.
// Underlined: `remap`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", migrate_config = [remap(config.region)], streams = [Task])]
struct Tracker {
    /// The access token.
    token: String,
    /// Where the tracker is.
    region: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
