//! Two streams, each with a mistake in its paginator: both are reported.
// Underlined: `page_size = 0` and `cursor_token`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Project, Task])]
struct Tracker;

#[stream(source = Tracker, path = "/projects", paginator = offset_increment(page_size = 0))]
struct Project {
    id: u64,
}

#[stream(source = Tracker, path = "/tasks", paginator = cursor_token(token_param = "after"))]
struct Task {
    id: u64,
}

fn main() {}
