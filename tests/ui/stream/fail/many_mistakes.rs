//! Six mistakes in one attribute, all reported at once.
// Underlined: `headrs`, `DELETE`, the path (unclosed brace), `open`, `updatd_at`, `gid`.

use airbyte_runtime::prelude::*;

#[source(base_url = "https://api.example.com", streams = [Task])]
struct Tracker;

#[stream(
    source = Tracker,
    headrs = { Accept = "application/json" },
    path = "/projects/{config.project/tasks",
    method = DELETE,
    query = { status = open },
    cursor = datetime(updatd_at),
    primary_key = gid,
)]
struct Task {
    id: u64,
    updated_at: Timestamp,
}

fn main() {}
