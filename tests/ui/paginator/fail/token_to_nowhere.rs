//! The token's place in the request is missing.
// Underlined: `cursor_token`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = cursor_token(from_body = "meta.next"))]
struct Task {
    id: u64,
}

fn main() {}
