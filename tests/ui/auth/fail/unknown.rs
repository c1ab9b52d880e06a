//! There is no such authentication.
// Underlined: `bearr`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", auth = bearr(config.token), streams = [Task])]
struct Tracker {
    /// The access token.
    #[config(secret)]
    token: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
