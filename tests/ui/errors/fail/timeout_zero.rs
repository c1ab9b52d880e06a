//! A timeout of zero lets no answer be in time.
// Underlined: `"PT0S"`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(source = Tracker, path = "/tasks", read_timeout = "PT0S")]
struct Task {
    id: u64,
}

fn main() {}
