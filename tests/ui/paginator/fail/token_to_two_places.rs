//! The token goes to two places.
// Underlined: `token_header = "X-After"`, the second of the two.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    paginator = cursor_token(from_body = "meta.next", token_param = "after", token_header = "X-After"),
)]
struct Task {
    id: u64,
}

fn main() {}
