//! The token comes from two places.
// Underlined: `from_header = "X-Next"`, the second of the two.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    paginator = cursor_token(from_body = "meta.next", from_header = "X-Next", token_param = "after"),
)]
struct Task {
    id: u64,
}

fn main() {}
