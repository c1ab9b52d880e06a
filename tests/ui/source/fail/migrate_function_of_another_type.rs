//! A function that takes the struct in place of JSON.
// Underlined: `with`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", migrate_config = with(tidy), streams = [Task])]
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

fn tidy(tracker: &mut Tracker) {
    tracker.token.clear();
}

fn main() {}
