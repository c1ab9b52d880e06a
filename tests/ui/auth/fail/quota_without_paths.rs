//! A quota does not say where its numbers are.
// Underlined: `quota`.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://api.example.com",
    auth = multiple_tokens([config.tokens], quota_status = get("/rate_limit"), quotas = [quota("core", remaining = "core.remaining")]),
    streams = [Task],
)]
struct Tracker {
    /// The tokens.
    tokens: Secret,
}

#[stream(source = Tracker, path = "/tasks")]
struct Task {
    id: u64,
}

fn main() {}
