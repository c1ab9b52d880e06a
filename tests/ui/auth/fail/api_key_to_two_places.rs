//! A key goes to two places.
// Underlined: `param = "key"`, the second of the two.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = api_key(header = "X-Api-Key", param = "key", value = config.key),
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
