//! The token is a field that records do not have.
// Underlined: `gid`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = cursor_token(from_last_record = gid, token_param = "after"))]
struct Task {
    id: u64,
}

fn main() {}
