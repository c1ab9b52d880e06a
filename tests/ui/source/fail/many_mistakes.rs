//! Five mistakes in one attribute and one struct, all reported at once.
// Underlined: `url`, the template in `base_url`, `"X Key"`, `"10"`, and the field `token`, which has no doc comment.

use airbyte_runtime::prelude::*;

#[source(
    url = "https://api.example.com",
    base_url = "https://{config.region.example.com",
    headers = { "X Key" = "1" },
    concurrency = "10",
    streams = [Task],
)]
struct Tracker {
    token: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
