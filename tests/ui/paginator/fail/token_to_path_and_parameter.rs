//! The token is the path of the next page, and a parameter.
// Underlined: `cursor_token(…)`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    path = "/tasks",
    paginator = cursor_token(from_body = "next", token_path = true, token_param = "cursor"),
)]
struct Task {
    id: u64,
}

fn main() {}
