//! A text around the key names a config field that the source does not have.
// Underlined: the text.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The access key.
    #[config(secret)]
    key: Secret,
}

#[stream(source = Tracker, path = "/tasks", auth = api_key(header = "Authorization", value = "Key {config.kee}"))]
struct Task {
    id: u64,
}

fn main() {}
