//! The path names a config field that the source does not have.
// Underlined: the path.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker {
    /// The workspace to read.
    workspace_id: String,
}

#[stream(source = Tracker, path = "/workspaces/{config.workspace}/tasks")]
struct Task {
    id: u64,
}

fn main() {}
