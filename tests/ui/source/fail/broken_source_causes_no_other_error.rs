//! A broken source has streams that use its configuration: nothing of that is reported.
// Underlined: `headrs` only.

use airbyte_runtime::prelude::*;

#[source(
    base_url = "https://{config.region}.example.com",
    headrs = { Accept = "application/json" },
    auth = bearer(config.token),
    streams = [Task],
    check = Task,
)]
struct Tracker {
    /// The region of the account.
    region: String,
    /// The access token.
    #[config(secret)]
    token: Secret,
}

#[stream(
    source = Tracker,
    path = "/{config.region}/tasks",
    partition = list(status = ["open", "closed"]),
    query = { s = "{partition.status}" },
)]
struct Task {
    id: u64,
}

fn main() {}
