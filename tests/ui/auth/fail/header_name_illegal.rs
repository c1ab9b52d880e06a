//! A key goes into an illegal header.
// Underlined: `header = "X Api Key"`, or its value.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = api_key(header = "X Api Key", value = config.key),
    streams = [Task],
)]
struct Tracker {
    /// The access key.
    #[config(secret)]
    key: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
