//! A key goes into a header without a name.
// Underlined: `header = ""`, or its value.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", auth = api_key(header = "", value = config.key), streams = [Task])]
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
