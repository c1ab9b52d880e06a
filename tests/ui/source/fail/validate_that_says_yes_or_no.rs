//! The condition says yes or no, and not why.
// Underlined: `is_sound`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", validate = is_sound, streams = [Task])]
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

fn is_sound(tracker: &Tracker) -> bool {
    !tracker.token.is_empty()
}

fn main() {}
