//! A secret field is a `String`, which could be printed.
// Underlined: `String`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The access token.
    #[config(secret)]
    token: String,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
