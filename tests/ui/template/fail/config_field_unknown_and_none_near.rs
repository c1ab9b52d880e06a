//! The path names a config field that is near to none.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The workspace to read.
    workspace_id: String,
    /// The access token.
    #[config(secret)]
    token: Secret,
}

#[stream(source = Tracker, path = "/regions/{config.region}/tasks")]
struct Task {
    id: u64,
}

fn main() {}
