//! The token's source is missing.
// Underlined: `cursor_token`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = cursor_token(token_param = "after"))]
struct Task {
    id: u64,
}

fn main() {}
