//! `session_token` does not say how to log in.
// Underlined: `session_token`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = session_token(token = "data.token"),
    streams = [Task],
)]
struct Tracker;

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
