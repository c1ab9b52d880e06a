//! The token's header has a space.
// Underlined: `token_header = "X After"`, or its value.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", paginator = cursor_token(from_body = "next", token_header = "X After"))]
struct Task {
    id: u64,
}

fn main() {}
