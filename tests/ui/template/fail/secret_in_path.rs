//! A secret would stand in the URL's path.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The access token.
    #[config(secret)]
    token: Secret,
}

#[stream(source = Tracker, path = "/{config.token}/tasks")]
struct Task {
    id: u64,
}

fn main() {}
