//! There is no key to send.
// Underlined: `api_key`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", auth = api_key(header = "X-Api-Key"), streams = [Task])]
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
